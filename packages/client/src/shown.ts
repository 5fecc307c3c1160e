import type { PresenceUser } from '@app/protocol'
import type { PresenceEntry } from './presence.ts'
import type { Lease } from './replica.ts'

/** An entry as a room shows it: new data or another user make a new one, a new lease does not (P5). */
export interface Shown {
  readonly clientId: number
  readonly data: unknown
  readonly json: string
  readonly user: PresenceUser | null
  lease: Lease
  joinedAtMs: number
  /** The entry for handles without a schema. */
  readonly entry: PresenceEntry
}

/** What a room wants to show of a client. */
export interface Candidate {
  readonly data: unknown
  readonly json: string
  readonly user: PresenceUser | null
  readonly lease: Lease
  readonly joinedAtMs: number
}

/** Who knows the present deadlines of entries, as people are told them. */
export interface Deadlines {
  tellDeadline(shown: Shown): number
}

export function show(clientId: number, candidate: Candidate, deadlines: Deadlines): Shown {
  const shown: Omit<Shown, 'entry'> & { entry?: PresenceEntry } = { clientId, ...candidate }
  shown.entry = entryOf(shown as Shown, candidate.data, deadlines)
  return shown as Shown
}

/** Makes the public entry. The moments are own accessors, so that a copy keeps the numbers of its moment (P5). */
export function entryOf<T>(shown: Shown, data: T, deadlines: Deadlines): PresenceEntry<T> {
  const { clientId, user } = shown
  return {
    clientId,
    data,
    get expiresAtMs() {
      return deadlines.tellDeadline(shown)
    },
    get joinedAtMs() {
      return shown.joinedAtMs
    },
    ...(user && { user }),
  }
}

/** Same data and same user: nothing that anyone needs to hear of. */
export function isSame(shown: Shown, candidate: Candidate): boolean {
  return shown.json === candidate.json && isSameUser(shown.user, candidate.user)
}

/** A user comes anew with every message: not the object counts, but what it says. */
export function isSameUser(one: PresenceUser | null, other: PresenceUser | null): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
