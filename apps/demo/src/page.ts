import { useSyncExternalStore } from 'react'

/** The pages of the tour, in the order in which one walks through them. */
export const pages = ['room', 'board', 'chat', 'form', 'documents', 'rtl'] as const

export type Page = (typeof pages)[number]

/** The page that an address such as `?room=studio&page=board` means. */
export function pageOf(search: string): Page {
  const asked = new URLSearchParams(search).get('page')
  return pages.find((page) => page === asked) ?? 'room'
}

/** What else the address says, such as the document that is open. */
export function detailOf(search: string): string | null {
  return new URLSearchParams(search).get('document')
}

/** The address of a page of the tour: room and name stay what they are. */
export function addressOf(page: Page, search: string, document?: string): string {
  const params = new URLSearchParams(search)
  params.delete('page')
  params.delete('document')
  if (page !== 'room') params.set('page', page)
  if (document !== undefined) params.set('document', document)
  const text = params.toString()
  return text === '' ? location.pathname : `${location.pathname}?${text}`
}

/** What the rooms of a page are called: those of the first page are the room itself. */
export function roomOfPage(page: Page, roomKey: string): string {
  return page === 'room' ? roomKey : `${roomKey}/${page}`
}

const listeners = new Set<() => void>()

/** Turns to another page without a load, so that I stay connected and nobody sees me go and come. */
export function turnTo(address: string): void {
  if (address !== location.pathname + location.search) history.pushState(null, '', address)
  for (const tell of listeners) tell()
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell)
  addEventListener('popstate', tell)
  return () => {
    listeners.delete(tell)
    removeEventListener('popstate', tell)
  }
}

/** What the address asks for, as it is now. */
export function useSearch(): string {
  return useSyncExternalStore(subscribe, () => location.search)
}
