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

/** `deadlineAtMs` tells the present deadline of an entry. */
export function show(clientId: number, candidate: Candidate, deadlineAtMs: (shown: Shown) => number): Shown {
  const shown: Omit<Shown, 'entry'> & { entry?: PresenceEntry } = { clientId, ...candidate }
  shown.entry = entryOf(shown as Shown, candidate.data, deadlineAtMs)
  return shown as Shown
}

/** Makes the public entry. The moments are own accessors, so that a copy keeps the numbers of its moment (P5). */
export function entryOf<T>(shown: Shown, data: T, deadlineAtMs: (shown: Shown) => number): PresenceEntry<T> {
  const { clientId, user } = shown
  return {
    clientId,
    data,
    get expiresAtMs() {
      return deadlineAtMs(shown)
    },
    get joinedAtMs() {
      return shown.joinedAtMs
    },
    ...(user === null ? {} : { user }),
  }
}

/** Same data and same user: nothing that anyone needs to hear of. */
export function isSame(shown: Shown, candidate: Candidate): boolean {
  return shown.json === candidate.json && isSameUser(shown.user, candidate.user)
}

function isSameUser(one: PresenceUser | null, other: PresenceUser | null): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
