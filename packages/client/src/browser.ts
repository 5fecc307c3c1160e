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
  const origin = typeof window === 'undefined' ? 'null' : window.location.origin
  return origin === 'null' ? undefined : origin
}

/** Listens to the page (L4); returns how to stop. */
export function watchPage({ onHide, onShow, onHint }: PageEvents): () => void {
  if (typeof window === 'undefined') return () => {}
  const stopping = new AbortController()
  const listen = (target: EventTarget, event: string, run: (event: Event) => void) =>
    target.addEventListener(event, run, { signal: stopping.signal })
  listen(window, 'pagehide', onHide)
  listen(window, 'pageshow', (event) => (event as PageTransitionEvent).persisted && onShow())
  listen(window, 'online', onHint)
  listen(document, 'visibilitychange', () => document.visibilityState === 'visible' && onHint())
  // The page was frozen and runs again.
  listen(document, 'resume', onHint)
  return () => stopping.abort()
}
