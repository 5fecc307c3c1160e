import { CursorAnchors } from './cursorAnchors.ts'
import { onMovementIn, onResize } from './page.ts'
import { fractions, sizeOf, type CursorMapping, type Point, type Position, type Size } from './pointerPosition.ts'

/** Where a cursor is to be shown. */
export interface SeenCursor {
  readonly position: Position
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
  #anchors: CursorAnchors | null = null
  #stopResize = () => {}
  #stopMovement = () => {}

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
    this.#stopMovement()
    this.#container = container
    this.#anchors = null
    if (!container) return
    this.#stopResize = onResize(container, this.placeAll)
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
      this.#place([[clientId, mark]])
    }
  }

  readonly placeAll = (): void => this.#place([...this.#marks])

  #place(marks: readonly (readonly [clientId: number, mark: Mark])[]): void {
    const container = this.#container
    if (!container) return
    // All is asked before anything is written, so that a frame costs at most one layout.
    const size = sizeOf(container)
    this.#anchors?.look()
    const places = marks.map(([clientId, mark]) => {
      const seen = this.#seen(clientId)
      return { mark, seen, point: seen && this.#pointOf(seen.position, container, size) }
    })
    for (const { mark, seen, point } of places) if (seen) write(mark, seen, point, size)
  }

  #pointOf(position: Position, container: HTMLElement, size: Size): Point | null {
    const { anchor } = position
    if (anchor === undefined) return this.#mapping.fromLocal(position, size)
    if (!this.#anchors) {
      this.#anchors = new CursorAnchors(container)
      this.#stopMovement = onMovementIn(container, this.placeAll)
    }
    return this.#anchors.find(position, anchor)
  }
}

/** `point` is null when what the cursor is over is not on this page, or not to be seen. */
function write(mark: Mark, { isAtRest, isIdle }: SeenCursor, point: Point | null, size: Size): void {
  const { element } = mark
  const state = point ? (isIdle ? 'idle' : 'active') : 'hidden'
  if (state !== mark.state) {
    // Not touched before it has to be: it may be yours.
    if (!point || mark.state === 'hidden') element.style.visibility = point ? '' : 'hidden'
    element.setAttribute('data-state', (mark.state = state))
  }
  if (!point) return
  const { x, y } = point
  // Between pixels it moves smoothly, on whole ones its label is sharp.
  const snap = isAtRest ? Math.round : tenths
  const transform = `translate(${snap(x)}px, ${snap(y)}px)`
  if (transform !== mark.transform) element.style.transform = mark.transform = transform
  const edge = `${size.width - x < edgePx.x ? 'right' : ''} ${size.height - y < edgePx.y ? 'bottom' : ''}`.trim()
  if (edge !== mark.edge) element.setAttribute('data-edge', (mark.edge = edge))
}

// Fine enough to move smoothly, short enough to compare and write a hundred times a frame.
function tenths(px: number): number {
  return Math.round(px * 10) / 10
}
