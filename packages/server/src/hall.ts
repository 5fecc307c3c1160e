import type { DeltaMessage, SnapshotMessage } from '@app/protocol'
import { mergeDeltas } from './merge-deltas.ts'
import { createRoom, type Room } from './room.ts'
import type { Link } from './transport.ts'

const never = Number.POSITIVE_INFINITY

/** What waits for a listener that cannot keep up: one delta, however many it stands for. */
export interface Backlog {
  readonly sinceMs: number
  readonly delta: DeltaMessage
}

/** Somebody who waits for a snapshot. */
export interface Entering {
  readonly sinceMs: number
  /** To be called with null once it is sent or nobody wants it any more, or with the error that it is refused with. */
  readonly replies: ((answer: unknown) => void)[]
}

/** A room with those who listen to it, and when they are told next. */
export interface Hall {
  readonly room: Room
  readonly listeners: Set<Link>
  /** Those of the listeners who are out of the live group for now. */
  readonly behind: Map<Link, Backlog>
  /** Those who have asked for a snapshot. */
  readonly entering: Map<Link, Entering>
  /** How often listeners put, as they were told; undefined while what the hello said holds. */
  paceMs: number | undefined
  /** The last snapshot, for as long as it is right: made and encoded once for a crowd that enters. */
  whole: { readonly message: SnapshotMessage; readonly version: number; readonly silent: number } | undefined
  flushedAtMs: number
  /** When the next flush is due; infinite when there is nothing to tell. */
  dueAtMs: number
  /** When the timer that waits for it will run; infinite without one. */
  wakesAtMs: number
  cancel: () => void
}

export function createHall(place: string, number: number): Hall {
  return {
    room: createRoom(place, number),
    listeners: new Set(),
    behind: new Map(),
    entering: new Map(),
    paceMs: undefined,
    whole: undefined,
    flushedAtMs: Number.NEGATIVE_INFINITY,
    dueAtMs: never,
    wakesAtMs: never,
    cancel: () => {},
  }
}

/** What is left to tell of an empty room, nobody is there to hear. */
export function isEmpty(hall: Hall): boolean {
  return hall.room.entries.size === 0 && hall.listeners.size === 0 && hall.entering.size === 0
}

/** The name of those who hear the room live. */
export function group(room: Room): string {
  return `room ${room.number}`
}

/**
 * Takes those out of the live group who still have an earlier flush before them, and keeps the delta for them. Nobody
 * else waits for them, and what waits does not grow with time.
 */
export function holdBack(hall: Hall, delta: DeltaMessage, nowMs: number): void {
  for (const link of hall.listeners) {
    const backlog = hall.behind.get(link)
    if (backlog) {
      hall.behind.set(link, { ...backlog, delta: mergeDeltas(backlog.delta, delta) })
    } else if (link.isBehind()) {
      link.leave(group(hall.room))
      hall.behind.set(link, { sinceMs: nowMs, delta })
    }
  }
}

/** The listener can hear again: it gets what it missed, and is live again in the same turn (S1). */
export function catchUp(hall: Hall, link: Link): void {
  const backlog = hall.behind.get(link)
  if (!backlog) return
  hall.behind.delete(link)
  link.join(group(hall.room))
  link.send(backlog.delta)
}
