/** Makes a `ref` for what may go by itself: the focus that it has goes to the element around it, and is not lost. */
export function keptFocus(): (element: HTMLElement | null) => void {
  let last: HTMLElement | null = null
  return (element) => {
    const around = last?.parentElement
    // Its ref ends before it is taken out of the page.
    if (!element && around && last?.matches(':focus')) {
      if (!around.hasAttribute('tabindex')) around.tabIndex = -1
      around.focus({ preventScroll: true })
    }
    last = element
  }
}
