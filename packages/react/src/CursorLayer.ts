import type { PresenceEntry, PresenceRoom } from '@app/client'
import { cursorList, type Cursor, type LiveCursor } from './cursorList.ts'
import { CursorMarks, type SeenCursor } from './CursorMarks.ts'
import { frameLoop } from './frameLoop.ts'
import { glideTo, isMoving, pointAt, resting, type Glide } from './interpolation.ts'
import { prefersReducedMotion } from './page.ts'
import { parsePosition, type Position } from './pointerPosition.ts'
import type { Store } from './useStore.ts'

/** Where a cursor goes, and where the last frame showed it. */
interface Spot {
  glide: Glide
  seen: Position
  movedAtMs: number
}

const nobody: readonly never[] = []
// Whoever has looked at one place for so long is reading, or gone for a coffee.
const idleMs = 5_000

/**
 * The others' cursors of one room. Who is there is a store for React; where they are is written to the elements
 * once a frame, past React.
 */
export class CursorLayer {
  /** Where they are shown. */
  readonly marks = new CursorMarks((clientId) => this.#seen(clientId))
  readonly #room: PresenceRoom
  readonly #mine: number
  readonly #spots = new Map<number, Spot>()
  readonly #loop = frameLoop(() => this.#draw())
  readonly #onFrame = new Set<() => void>()
  #idleTimer: ReturnType<typeof setTimeout> | undefined
  #watchers = 0
  #list: readonly Cursor[] = nobody
  #liveList: readonly LiveCursor[] = nobody
  /** The cursors that the live list was made of; null when they have moved since. */
  #liveListOf: readonly Cursor[] | null = nobody

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
      this.#onFrame.add(tell)
      const stop = this.#watch(tell)
      return () => {
        this.#onFrame.delete(tell)
        stop()
      }
    },
    getSnapshot: () => this.#live(),
    getServerSnapshot: () => nobody,
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
      if (--this.#watchers > 0) return
      this.#loop.stop()
      clearTimeout(this.#idleTimer)
      this.#idleTimer = undefined
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
    if (spot) {
      // Between two anchors lies nothing that would be the same on every screen.
      const isElsewhere = spot.glide.to.anchor !== to.anchor
      spot.glide = glideTo(spot.glide, to, nowMs, isElsewhere || prefersReducedMotion())
      spot.movedAtMs = nowMs
    } else this.#spots.set(clientId, { glide: resting(to, nowMs), seen: to, movedAtMs: nowMs })
    this.#idleTimer ??= setTimeout(() => this.#lookForIdle(), idleMs)
  }

  /** One timer for all: it comes when the next of them may be idle, and not again before somebody moves. */
  #lookForIdle(): void {
    const nowMs = performance.now()
    this.marks.placeAll()
    const waits = [...this.#spots.values()].map(({ movedAtMs }) => movedAtMs + idleMs - nowMs).filter((ms) => ms > 0)
    this.#idleTimer = waits.length > 0 ? setTimeout(() => this.#lookForIdle(), Math.min(...waits)) : undefined
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
    this.marks.placeAll()
    if (hasMoved) {
      this.#liveListOf = null
      for (const tell of this.#onFrame) tell()
    }
    return goesOn
  }

  /** As the last frame showed it; of a cursor that no frame has met yet, as its entry says. */
  #seen(clientId: number): SeenCursor | null {
    const spot = this.#spots.get(clientId)
    if (spot) {
      const isIdle = performance.now() - spot.movedAtMs >= idleMs
      return { position: spot.seen, isAtRest: spot.seen === spot.glide.to, isIdle }
    }
    const position = parsePosition(this.#room.announced().get(clientId)?.data)
    return position && { position, isAtRest: true, isIdle: false }
  }

  // ── What React reads ──

  #cursors(): readonly Cursor[] {
    this.#list = cursorList(this.#room.announced(), this.#mine, this.#list, (clientId) => this.marks.refOf(clientId))
    return this.#list
  }

  #live(): readonly LiveCursor[] {
    const cursors = this.#cursors()
    if (cursors === this.#liveListOf) return this.#liveList
    this.#liveListOf = cursors
    this.#liveList = cursors.map((cursor) => ({ ...cursor, x: 0, y: 0, ...this.#seen(cursor.clientId)?.position }))
    return this.#liveList
  }
}
