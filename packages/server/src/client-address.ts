import { isIP } from 'node:net'

/**
 * Where a request comes from. Each proxy adds the address that it was asked from to the end of `X-Forwarded-For`, so the
 * last `proxies` entries can be believed, and the first of those is the client's. What stands before them, anybody can write;
 * where there are fewer, the request did not come through all of them.
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | string[] | undefined,
  proxies: number,
): string | undefined {
  const address = believed(forwardedFor, proxies)?.replace(withPort, '$1$2')
  return address !== undefined && isIP(address) > 0 ? address : socketAddress
}

/** The entry of a list that the outermost of so many proxies has added. */
export function believed(list: string | string[] | undefined, proxies: number): string | undefined {
  if (proxies === 0 || list === undefined) return undefined
  const entries = [list].flat().join(',').split(',')
  return entries.at(-proxies)?.trim()
}

// Some proxies add the port, or the brackets of a URL.
const withPort = /^(?:\[(.+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/
