import { pointIn, rounded, type Point, type Position } from './pointerPosition.ts'

const attribute = 'data-presence-anchor'

/** The position in the innermost anchor that the pointer is over; null when it is over none, or over one without a size. */
export function anchoredPosition(
  container: Element,
  target: Element,
  clientX: number,
  clientY: number,
): Position | null {
  const element = target.closest(`[${attribute}]`)
  if (!element || element === container || !container.contains(element)) return null
  const { left, top, width, height } = element.getBoundingClientRect()
  if (!width || !height) return null
  const position = rounded({ x: (clientX - left) / width, y: (clientY - top) / height })
  return { ...position, anchor: element.getAttribute(attribute) ?? '' }
}

/** The anchors of a container by their names, which come from peers. */
export class CursorAnchors {
  readonly #container: HTMLElement
  readonly #known = new Map<string, Element>()
  #all: Map<string | null, Element> | null = null

  constructor(container: HTMLElement) {
    this.#container = container
  }

  /** From now on the page may be another. */
  look(): void {
    this.#all = null
  }

  /** Where in the container a position is; null when the anchor is not here, or not to be seen. */
  find({ x, y }: Position, anchor: string): Point | null {
    let element = this.#known.get(anchor)
    // A list that draws only what is seen uses its elements again, for other anchors.
    if (!element?.isConnected || element.getAttribute(attribute) !== anchor) {
      // All of them, once a look at most, however many names peers come up with; of two of one name the first.
      this.#all ??= new Map(
        [...this.#container.querySelectorAll(`[${attribute}]`)]
          .reverse()
          .map((one) => [one.getAttribute(attribute), one]),
      )
      element = this.#all.get(anchor)
      if (!element) {
        this.#known.delete(anchor)
        return null
      }
      this.#known.set(anchor, element)
    }
    const { left, top, width, height } = element.getBoundingClientRect()
    return width && height ? pointIn(this.#container, left + x * width, top + y * height) : null
  }
}
