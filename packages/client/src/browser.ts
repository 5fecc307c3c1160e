/** The only file that knows the page. Without one (Node, a worker, server rendering) it says so and does nothing. */

/** What a page tells of itself. */
export interface PageEvents {
  /** It goes: closed, reloaded, or kept for the back button. */
  readonly onHide: () => void
  /** One that was kept comes back. */
  readonly onShow: () => void
  /** The network is back, or the page is seen or run again: a good moment to connect. */
  readonly onHint: () => void
}

/** Where the page came from; undefined without a page. */
export function pageOrigin(): string | undefined {
  return typeof window === 'undefined' || window.location.origin === 'null' ? undefined : window.location.origin
}

/** Listens to the page (L4); returns how to stop. */
export function watchPage({ onHide, onShow, onHint }: PageEvents): () => void {
  if (typeof window === 'undefined') return () => {}
  const stopping = new AbortController()
  const options = { signal: stopping.signal }
  window.addEventListener('pagehide', onHide, options)
  window.addEventListener('pageshow', (event) => event.persisted && onShow(), options)
  window.addEventListener('online', onHint, options)
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && onHint(), options)
  // The page was frozen and runs again.
  document.addEventListener('resume', onHint, options)
  return () => stopping.abort()
}
