import type { PresenceClient, PresenceEntries, PresenceRoom, RoomStatus } from '@app/client'
import { withOwn } from './initialRoom.ts'
import { isSameList } from './isSameList.ts'
import type { Store } from './useStore.ts'

/** A room as hooks read it: always the same object until something of it changed. */
export interface RoomSnapshot<Out = unknown> {
  readonly entries: PresenceEntries<Out>
  /** Without a schema, so with the entries that it rejects: they count too (P9). */
  readonly everyone: PresenceEntries
  readonly status: RoomStatus
}

const noEntries: PresenceEntries<never> = new Map<number, never>()

/** What is known of a room before anything is: on the server, while hydrating, and with `enabled: false`. */
const nothingYet: RoomSnapshot<never> = { entries: noEntries, everyone: noEntries, status: 'loading' }

/** A room that nobody looks at. */
export const noRoomStore: Store<RoomSnapshot<never>> = {
  subscribe: () => () => {},
  getSnapshot: () => nothingYet,
  getServerSnapshot: () => nothingYet,
}

/** What a store needs of a handle. */
type ReadableRoom<Out> = Pick<PresenceRoom<unknown, Out>, 'key' | 'status' | 'announced' | 'onChange' | 'onStatus'>

/**
 * Makes a store of a room. `isChecked`: the room has a schema, so others may see more entries than it shows. `initial` is what
 * the server rendered: shown until the room is known.
 */
export function roomStore<Out>(
  client: PresenceClient,
  room: ReadableRoom<Out>,
  isChecked: boolean,
  initial: RoomSnapshot<Out> = nothingYet,
): Store<RoomSnapshot<Out>> {
  const everyone: ReadableRoom<unknown> = isChecked ? client.presence(room.key) : room
  let heard: readonly unknown[] = []
  let last: RoomSnapshot<Out> = nothingYet
  const show = (next: RoomSnapshot<Out>): RoomSnapshot<Out> => {
    if (next.status !== 'loading' || initial.everyone.size === 0) return next
    const { entries, everyone } = initial
    return { ...next, entries: withOwn(entries, next.entries), everyone: withOwn(everyone, next.everyone) }
  }
  return {
    subscribe: (listener) => {
      const stops = [room.onChange(listener), room.onStatus(listener)]
      if (everyone !== room) stops.push(everyone.onChange(listener))
      return () => {
        for (const stop of stops) stop()
      }
    },
    // What was announced, not the present value: a lease that ends during render must not change what is rendered (P4).
    getSnapshot: () => {
      const next = { entries: room.announced(), everyone: everyone.announced(), status: room.status }
      const now = Object.values(next)
      if (!isSameList(heard, now)) last = show(next)
      heard = now
      return last
    },
    getServerSnapshot: () => initial,
  }
}
