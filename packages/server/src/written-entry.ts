import { randomInt } from 'node:crypto'
import type { PresenceUser } from '@app/protocol'
import type { Entries } from './entries.ts'
import type { Entry } from './room.ts'

/*
 * Entries of programs that have no connection, such as a bot or a function that runs once. What stands for a client in them
 * is a negative number: a handshake never has one, so no client can come and take such an entry for its own, or the other
 * way round. Their leases are timed.
 */

/** What such a program puts. All of it has been checked. */
export interface WrittenPut {
  /** An id that was given before, to put the same entry again. */
  readonly clientId: number | undefined
  readonly user: PresenceUser | undefined
  readonly ttlMs: number
  readonly data: unknown
  readonly json: string
}

// As many as `randomInt` has: nobody is to guess an id, and two are never the same.
const idsEnd = 2 ** 48

/** Places an entry and returns it. Undefined: there is none of that id in the room (any more). Throws `room-full`. */
export function putWritten(
  entries: Entries,
  place: string,
  { clientId, user, ttlMs, data, json }: WrittenPut,
  nowMs: number,
): Entry | undefined {
  const old = clientId === undefined ? undefined : entries.find(place, clientId)
  if (clientId !== undefined && !old) return undefined
  const id = clientId ?? newId(entries)
  const by = { clientId: id, user, proof: { seenAtMs: nowMs }, checkRooms() {} }
  // Nothing it puts can overtake another: each call is answered before the next.
  entries.put(place, { n: (old?.n ?? 0) + 1, ttlMs, isHeld: false, data, json }, by, nowMs)
  return entries.find(place, id)
}

function newId(entries: Entries): number {
  const id = -randomInt(1, idsEnd)
  return entries.of(id).length > 0 ? newId(entries) : id
}
