/** What is looked at: it is in the fragment of the address, which no server is told. */
export type Route =
  | { readonly page: 'rooms' }
  | { readonly page: 'room'; readonly key: string; readonly tenant: string | undefined }

export function routeOf(hash: string): Route {
  const [, path = '', query = ''] = /^#\/rooms\/([^/?]+)(?:\?(.*))?$/.exec(hash) ?? []
  const tenant = new URLSearchParams(query).get('tenant') ?? undefined
  const key = decoded(path)
  return key === '' ? { page: 'rooms' } : { page: 'room', key, tenant }
}

export function hashOf(key: string, tenant: string | undefined): string {
  return `#/rooms/${encodeURIComponent(key)}${tenant === undefined ? '' : `?tenant=${encodeURIComponent(tenant)}`}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/** How keys begin, said with or without the `pr:` that all of them have; undefined for all. */
export function prefixOf(search: string): string | undefined {
  const text = search.trim()
  if ('pr:'.startsWith(text)) return undefined
  return text.startsWith('pr:') ? text : `pr:${text}`
}
