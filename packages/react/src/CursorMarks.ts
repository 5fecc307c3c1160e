import { onResize } from './page.ts'
import { fractions, sizeOf, type CursorMapping, type Point, type Size } from './pointerPosition.ts'

/** Where a cursor is to be shown. */
export interface SeenCursor {
  readonly position: Point
  readonly isAtRest: boolean
  /** It has not moved for a while. */
  readonly isIdle: boolean
}

/** What shows a cursor, and what was last written to it. */
interface Mark {
  readonly element: HTMLElement | SVGElement
  transform: string
  edge: string
  state: string
}

// Closer to the edge than this, a label of ordinary length would be cut: the element is told, its style decides.
const edgePx = { x: 120, y: 48 }

/** The elements that show cursors, and the container they are placed in. Past React: it only writes to the page. */
export class CursorMarks {
  readonly #seen: (clientId: number) => SeenCursor | null
  readonly #marks = new Map<number, Mark>()
  #mapping = fractions
  #container: HTMLElement | null = null
  #stopResize = () => {}

  constructor(seen: (clientId: number) => SeenCursor | null) {
    this.#seen = seen
  }

  get mapping(): CursorMapping {
    return this.#mapping
  }

  /** Another mapping (the board was panned) puts every cursor elsewhere, in the same paint. */
  map(mapping: CursorMapping): void {
    if (mapping === this.#mapping) return
    this.#mapping = mapping
    this.placeAll()
  }

  /** A ref for the element that the positions are relative to. */
  readonly setContainer = (container: HTMLElement | null): void => {
    this.#stopResize()
    this.#container = container
    if (!container) return
    this.#stopResize = onResize(container, () => this.placeAll())
    // The elements in it were there before it.
    this.placeAll()
  }

  /** A ref for the element that shows a client's cursor. */
  refOf(clientId: number): (element: HTMLElement | SVGElement | null) => void {
    return (element) => {
      if (!element) return void this.#marks.delete(clientId)
      const mark: Mark = { element, transform: '', edge: '', state: '' }
      this.#marks.set(clientId, mark)
      // A cursor that rests is not told again: it is put in its place before the first paint.
      if (this.#container) this.#place(clientId, mark, sizeOf(this.#container))
    }
  }

  placeAll(): void {
    // Asked once and before anything is written, so that a frame costs at most one layout.
    const size = this.#container && sizeOf(this.#container)
    if (size) for (const [clientId, mark] of this.#marks) this.#place(clientId, mark, size)
  }

  #place(clientId: number, mark: Mark, size: Size): void {
    const seen = this.#seen(clientId)
    if (!seen) return
    const { x, y } = this.#mapping.fromLocal(seen.position, size)
    // Between pixels it moves smoothly, on whole ones its label is sharp.
    const snap = seen.isAtRest ? Math.round : tenths
    const transform = `translate(${snap(x)}px, ${snap(y)}px)`
    if (transform !== mark.transform) mark.element.style.transform = mark.transform = transform
    const edge = `${size.width - x < edgePx.x ? 'right' : ''} ${size.height - y < edgePx.y ? 'bottom' : ''}`.trim()
    if (edge !== mark.edge) mark.element.setAttribute('data-edge', (mark.edge = edge))
    const state = seen.isIdle ? 'idle' : 'active'
    if (state !== mark.state) mark.element.setAttribute('data-state', (mark.state = state))
  }
}

// Fine enough to move smoothly, short enough to compare and write a hundred times a frame.
function tenths(px: number): number {
  return Math.round(px * 10) / 10
}
