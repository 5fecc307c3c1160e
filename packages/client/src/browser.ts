/** The only file that knows the page. Without one (Node, a worker, server rendering) it says so and does nothing. */

/** Where the page came from; undefined without a page. */
export function pageOrigin(): string | undefined {
  return typeof window === 'undefined' || window.location.origin === 'null' ? undefined : window.location.origin
}

/**
 * Tells when the page goes (closed, reloaded, or kept for the back button) and when a kept one comes back (L4).
 * Returns how to stop.
 */
export function watchPage(page: { onHide(): void; onShow(): void }): () => void {
  if (typeof window === 'undefined') return () => {}
  const hide = () => page.onHide()
  const show = (event: PageTransitionEvent) => {
    if (event.persisted) page.onShow()
  }
  window.addEventListener('pagehide', hide)
  window.addEventListener('pageshow', show)
  return () => {
    window.removeEventListener('pagehide', hide)
    window.removeEventListener('pageshow', show)
  }
}
