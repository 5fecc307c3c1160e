import type { Clock } from '@app/client'

/** What the cursors and typing ask of the page. On a server there is none, and nothing to say. */

/** Returns how to stop. */
function listen(
  target: EventTarget,
  types: readonly string[],
  run: (event: Event) => void,
  options?: AddEventListenerOptions,
): () => void {
  for (const type of types) target.addEventListener(type, run, options)
  return () => {
    for (const type of types) target.removeEventListener(type, run, options)
  }
}

/** Nobody looks at the page: another tab is in front of it, or the window is minimised. */
export function isPageHidden(): boolean {
  return typeof document !== 'undefined' && document.hidden
}

/** Calls when the page goes out of sight. Returns how to stop. */
export function onPageHidden(run: () => void): () => void {
  return listen(document, ['visibilitychange'], () => {
    if (document.hidden) run()
  })
}

/** Calls when the window is no longer the one in use. Returns how to stop. */
export function onWindowBlur(run: () => void): () => void {
  // Within the page, focus events do not reach the window; an iframe that takes the focus is another page.
  return listen(window, ['blur'], run)
}

// First of all, so that nobody keeps it from us, and passive, so that no scrolling waits for it.
const firstAndPassive = { capture: true, passive: true }

const signsOfLife = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'touchmove', 'input']

/**
 * Calls with true at every sign that somebody uses the page, and with false when it comes into sight or goes out of it. Returns
 * how to stop.
 */
export function onActivity(clock: Clock, run: (isInput: boolean) => void): () => void {
  // Of what is typed, later: a commit between the event and React's own listener would put a field's old value back.
  const use = ({ type }: Event) => void (type === 'input' ? clock.after(0, () => run(true)) : run(true))
  const stops = [
    listen(window, signsOfLife, use, firstAndPassive),
    listen(document, ['visibilitychange'], () => run(false)),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** Calls when the page is pressed elsewhere than in an element. Returns how to stop. */
export function onPressOutside(element: Element, run: () => void): () => void {
  return listen(document, ['pointerdown'], (event) => {
    // Within a shadow tree the event's target is its host.
    if (!event.composedPath().includes(element)) run()
  })
}

/** Asked anew each time: people change their mind, and Windows has a switch for it. */
export function prefersReducedMotion(): boolean {
  return typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches
}

/** The language that the page is written in, as its `lang` says; undefined when it does not. */
export function pageLanguage(): string | undefined {
  return (typeof document !== 'undefined' && document.documentElement.lang) || undefined
}

/** Calls when an element's size changes. Returns how to stop. */
export function onResize(element: Element, run: () => void): () => void {
  if (typeof ResizeObserver === 'undefined') return () => {}
  const observer = new ResizeObserver(run)
  observer.observe(element)
  return () => observer.disconnect()
}

/** Calls when something in an element scrolls, comes, goes, or opens. Returns how to stop. */
export function onMovementIn(element: Element, run: () => void): () => void {
  const observer = new MutationObserver(run)
  // Of styles nothing: whoever runs writes some.
  const attributeFilter = ['data-presence-anchor', 'class', 'hidden', 'open']
  observer.observe(element, { childList: true, subtree: true, attributeFilter })
  const stop = listen(element, ['scroll'], run, firstAndPassive)
  return () => {
    observer.disconnect()
    stop()
  }
}

/** Calls when a form is sent or emptied. Returns how to stop. */
export function onSubmit(form: HTMLFormElement, run: () => void): () => void {
  return listen(form, ['submit', 'reset'], run)
}
