import type { PresenceEntry, PresenceRoom } from '@app/client'
import { cursorList, type Cursor, type LiveCursor } from './cursorList.ts'
import { frameLoop } from './frameLoop.ts'
import { glideTo, isMoving, pointAt, resting, type Glide } from './interpolation.ts'
import { onResize, prefersReducedMotion } from './page.ts'
import { fractions, parsePosition, sizeOf, type CursorMapping, type Point, type Size } from './pointerPosition.ts'
import type { Store } from './useStore.ts'

/** Where a cursor goes, and where the last frame showed it. */
interface Spot {
  glide: Glide
  seen: Point
}

/** What shows a cursor, and what was last written to it. */
interface Mark {
  readonly element: HTMLElement | SVGElement
  transform: string
  edge: string
}

const nobody: readonly never[] = []
// Closer to the edge than this, a label of ordinary length would be cut: the element is told, its style decides.
const edgePx = { x: 120, y: 48 }

/**
 * The others' cursors of one room. Who is there is a store for React; where they are is written to the elements
 * once a frame, past React.
 */
export class CursorLayer {
  readonly #room: PresenceRoom
  readonly #mine: number
  readonly #spots = new Map<number, Spot>()
  readonly #marks = new Map<number, Mark>()
  readonly #loop = frameLoop(() => this.#draw())
  readonly #onFrame = new Set<() => void>()
  #mapping = fractions
  #container: HTMLElement | null = null
  #stopResize = () => {}
  #watchers = 0
  #list: readonly Cursor[] = nobody
  #liveList: readonly LiveCursor[] = nobody
  #liveListOf: readonly Cursor[] = nobody
  #isLiveListOld = false

  constructor(room: PresenceRoom, mine: number) {
    this.#room = room
    this.#mine = mine
  }

  /** Changes when somebody comes, goes or is another user; not when cursors move. */
  readonly cursors: Store<readonly Cursor[]> = {
    subscribe: (tell) => this.#watch(tell),
    getSnapshot: () => this.#cursors(),
    getServerSnapshot: () => nobody,
  }

  /** Changes with every frame in which a cursor moved, too. */
  readonly liveCursors: Store<readonly LiveCursor[]> = {
    subscribe: (tell) => {
      // One of its own, so that two subscribers of the same function are two.
      const onFrame = () => tell()
      this.#onFrame.add(onFrame)
      const stop = this.#watch(tell)
      return () => {
        this.#onFrame.delete(onFrame)
        stop()
      }
    },
    getSnapshot: () => this.#live(),
    getServerSnapshot: () => nobody,
  }

  get mapping(): CursorMapping {
    return this.#mapping
  }

  /** Another mapping (the board was panned) puts every cursor elsewhere, in the same paint. */
  map(mapping: CursorMapping): void {
    if (mapping === this.#mapping) return
    this.#mapping = mapping
    this.#placeAll()
  }

  /** A ref for the element that the positions are relative to. */
  readonly setContainer = (container: HTMLElement | null): void => {
    this.#stopResize()
    this.#container = container
    if (!container) return
    this.#stopResize = onResize(container, () => this.#loop.wake())
    // The elements in it were there before it.
    this.#placeAll()
  }

  #watch(tell: () => void): () => void {
    const stop = this.#room.onChange((_, { joined, updated, left }) => {
      for (const { clientId } of left) this.#spots.delete(clientId)
      for (const entry of joined) this.#move(entry)
      for (const entry of updated) this.#move(entry)
      this.#loop.wake()
      tell()
    })
    if (this.#watchers++ === 0) this.#catchUp()
    return () => {
      stop()
      if (--this.#watchers === 0) this.#loop.stop()
    }
  }

  /** Whatever happened while nobody watched is not a movement. */
  #catchUp(): void {
    this.#spots.clear()
    for (const entry of this.#room.announced().values()) this.#move(entry)
    this.#loop.wake()
  }

  #move({ clientId, data }: PresenceEntry): void {
    const to = parsePosition(data)
    if (clientId === this.#mine) return
    if (!to) return void this.#spots.delete(clientId)
    const nowMs = performance.now()
    const spot = this.#spots.get(clientId)
    if (spot) spot.glide = glideTo(spot.glide, to, nowMs, prefersReducedMotion())
    else this.#spots.set(clientId, { glide: resting(to, nowMs), seen: to })
  }

  // ── Frames ──

  #draw(): boolean {
    const nowMs = performance.now()
    let [hasMoved, goesOn] = [false, false]
    for (const spot of this.#spots.values()) {
      const at = pointAt(spot.glide, nowMs)
      hasMoved ||= at !== spot.seen
      goesOn ||= isMoving(spot.glide, nowMs)
      spot.seen = at
    }
    this.#placeAll()
    if (hasMoved) {
      this.#isLiveListOld = true
      for (const tell of this.#onFrame) tell()
    }
    return goesOn
  }

  #placeAll(): void {
    // Asked once and before anything is written, so that a frame costs at most one layout.
    const size = this.#container && sizeOf(this.#container)
    if (size) for (const [clientId, mark] of this.#marks) this.#place(clientId, mark, size)
  }

  #place(clientId: number, mark: Mark, size: Size): void {
    const position = this.#positionOf(clientId)
    if (!position) return
    const { x, y } = this.#mapping.toPoint(position, size)
    // Between pixels it moves smoothly, on whole ones its label is sharp.
    const snap = this.#spots.get(clientId)?.glide.to === position ? Math.round : tenths
    const transform = `translate(${snap(x)}px, ${snap(y)}px)`
    if (transform !== mark.transform) mark.element.style.transform = mark.transform = transform
    const edge = `${size.width - x < edgePx.x ? 'right' : ''} ${size.height - y < edgePx.y ? 'bottom' : ''}`.trim()
    if (edge !== mark.edge) mark.element.setAttribute('data-edge', (mark.edge = edge))
  }

  /** As the last frame showed it; of a cursor that no frame has met yet, as its entry says. */
  #positionOf(clientId: number): Point | null {
    return this.#spots.get(clientId)?.seen ?? parsePosition(this.#room.announced().get(clientId)?.data)
  }

  #refOf(clientId: number): Cursor['ref'] {
    return (element) => {
      if (!element) return void this.#marks.delete(clientId)
      const mark: Mark = { element, transform: '', edge: '' }
      this.#marks.set(clientId, mark)
      // A cursor that rests is not told again: it is put in its place before the first paint.
      if (this.#container) this.#place(clientId, mark, sizeOf(this.#container))
    }
  }

  // ── What React reads ──

  #cursors(): readonly Cursor[] {
    this.#list = cursorList(this.#room.announced(), this.#mine, this.#list, (clientId) => this.#refOf(clientId))
    return this.#list
  }

  #live(): readonly LiveCursor[] {
    const cursors = this.#cursors()
    if (cursors === this.#liveListOf && !this.#isLiveListOld) return this.#liveList
    this.#liveListOf = cursors
    this.#isLiveListOld = false
    this.#liveList = cursors.map((cursor) => ({ ...cursor, ...(this.#positionOf(cursor.clientId) ?? { x: 0, y: 0 }) }))
    return this.#liveList
  }
}

// Fine enough to move smoothly, short enough to compare and write a hundred times a frame.
function tenths(px: number): number {
  return Math.round(px * 10) / 10
}
