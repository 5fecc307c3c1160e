import type { GoneReason, GoneRow, PresenceUser } from '@app/protocol'
import { looksTheSame, type Lease } from './lease.ts'
import { keyOf } from './place.ts'

/** One client's presence in one room, from its first put until it is gone. Only this file changes it. */
export interface Entry {
  readonly room: Room
  /** Names the entry within its room; never given twice. */
  readonly slot: number
  readonly clientId: number
  readonly joinedAtMs: number
  /** The number of the newest put that was taken. */
  n: number
  data: unknown
  /** The JSON text of `data`: same data means the same text (P5). */
  json: string
  user: PresenceUser | undefined
  lease: Lease
  /** Whether a delta or snapshot may have told of it. */
  isAnnounced: boolean
  /** The number that all listeners have been told; 0 while some of them may know another. */
  toldN: number
  /** How soon the store is to be told, if it is to be told anything. */
  unsaved: 'next' | 'soon' | undefined
}

/** What happened since the last flush. An entry is in at most one of joins and (updates, leases). */
interface Changes {
  readonly joins: Set<Entry>
  readonly updates: Set<Entry>
  readonly leases: Set<Entry>
  readonly gone: GoneRow[]
}

/** A room is plain data; the functions below are all that happens to it. */
export interface Room {
  readonly place: string
  /** What clients call it. */
  readonly key: string
  /** Stands for the key on the wire, as long as the room is kept. */
  readonly number: number
  readonly entries: Map<number, Entry>
  readonly changes: Changes
  version: number
  /** Counts what changed without a delta to tell of it. */
  silent: number
  nextSlot: number
}

export interface Put {
  readonly clientId: number
  readonly n: number
  readonly data: unknown
  readonly json: string
  readonly user: PresenceUser | undefined
  readonly lease: Lease
}

/** What a put came to: a repeated number, a new entry, new data or user, a timed renewal, another lease, or nothing to tell. */
export type PutOutcome = 'repeated' | 'joined' | 'updated' | 'renewed' | 'leased' | 'kept'

export function createRoom(place: string, number: number): Room {
  return {
    place,
    key: keyOf(place),
    number,
    entries: new Map(),
    changes: { joins: new Set(), updates: new Set(), leases: new Set(), gone: [] },
    version: 0,
    silent: 0,
    nextSlot: 1,
  }
}

/** Places an entry or changes it. A number that is not above the entry's has been taken before and changes nothing. */
export function put(room: Room, next: Put, nowMs: number): PutOutcome {
  const entry = room.entries.get(next.clientId)
  if (!entry) {
    add(room, next, nowMs)
    return 'joined'
  }
  if (next.n <= entry.n) return 'repeated'
  const { json, user, lease } = entry
  entry.n = next.n
  entry.data = next.data
  entry.json = next.json
  entry.user = next.user
  entry.lease = next.lease
  return markDifference(room, { json, user, lease }, entry)
}

function markDifference(room: Room, before: Pick<Entry, 'json' | 'user' | 'lease'>, entry: Entry): PutOutcome {
  const { joins, updates, leases } = room.changes
  const isOtherKind = (before.lease.kind === 'timed') !== (entry.lease.kind === 'timed')
  const isOtherLease = isOtherKind || !looksTheSame(before.lease, entry.lease)
  if (!isSameUser(before.user, entry.user)) {
    markJoin(room, entry)
    return 'updated'
  }
  const isUpdate = before.json !== entry.json
  if (joins.has(entry)) return isUpdate ? 'updated' : isOtherLease ? 'leased' : 'kept'
  if (isUpdate) {
    updates.add(entry)
    // An update carries a timed deadline itself; only another kind of lease, or another held one, needs a row.
    if (isOtherKind || (isOtherLease && entry.lease.kind !== 'timed')) leases.add(entry)
    return 'updated'
  }
  if (entry.lease.kind === 'timed' && !isOtherKind) {
    // Told even when the deadline is the same: the row confirms the put to its sender.
    leases.add(entry)
    return 'renewed'
  }
  if (!isOtherLease) {
    // Nobody is told, but whoever enters from now on sees the new number.
    entry.toldN = 0
    room.silent++
    return 'kept'
  }
  leases.add(entry)
  return 'leased'
}

/** Places an entry that was there before a restart, exactly as it was. */
export function restore(room: Room, was: Put & { readonly joinedAtMs: number }): Entry {
  return add(room, was, was.joinedAtMs)
}

function add(room: Room, next: Put, joinedAtMs: number): Entry {
  const { clientId, n, data, json, user, lease } = next
  const entry: Entry = {
    room,
    slot: room.nextSlot++,
    clientId,
    joinedAtMs,
    n,
    data,
    json,
    user,
    lease,
    isAnnounced: false,
    toldN: 0,
    unsaved: undefined,
  }
  room.entries.set(clientId, entry)
  room.changes.joins.add(entry)
  return entry
}

/** The client's user is another now; returns whether that changed the entry. */
export function setUser(room: Room, clientId: number, user: PresenceUser | undefined): boolean {
  const entry = room.entries.get(clientId)
  if (!entry || isSameUser(entry.user, user)) return false
  entry.user = user
  markJoin(room, entry)
  return true
}

// A join row holds everything, so the entry needs no other.
function markJoin(room: Room, entry: Entry): void {
  room.changes.joins.add(entry)
  room.changes.updates.delete(entry)
  room.changes.leases.delete(entry)
}

/** The client takes its entry away. A number that is not above the entry's is of an older intent and changes nothing. */
export function leave(room: Room, clientId: number, n: number): Entry | undefined {
  const entry = room.entries.get(clientId)
  return entry && n > entry.n ? remove(room, clientId, 'left') : undefined
}

/** Takes an entry away and returns it. What joined and went between two flushes leaves no trace. */
export function remove(room: Room, clientId: number, reason: GoneReason): Entry | undefined {
  const entry = room.entries.get(clientId)
  if (!entry) return undefined
  room.entries.delete(clientId)
  const { joins, updates, leases, gone } = room.changes
  joins.delete(entry)
  updates.delete(entry)
  leases.delete(entry)
  if (entry.isAnnounced) gone.push([entry.slot, reason])
  return entry
}

/** How many are in a room. */
export interface Count {
  /** Distinct users; a client without a user counts as a user of its own. */
  readonly users: number
  readonly clients: number
}

export function countOf(entries: Iterable<Pick<Entry, 'clientId' | 'user'>>): Count {
  // A user's id is a string and a clientId a number, so nobody can be taken for a client without a user.
  const users = new Set<string | number>()
  let clients = 0
  for (const { clientId, user } of entries) {
    users.add(user?.id ?? clientId)
    clients++
  }
  return { users: users.size, clients }
}

export function isSameCount(one: Count, other: Count): boolean {
  return one.users === other.users && one.clients === other.clients
}

export function expiryReason(entry: Entry): GoneReason {
  return entry.lease.kind === 'timed' ? 'expired' : 'lost'
}

export function hasChanges(room: Room): boolean {
  return changeCount(room) > 0
}

export function changeCount({ changes: { joins, updates, leases, gone } }: Room): number {
  return joins.size + updates.size + leases.size + gone.length
}

/** Whether the next delta will carry the entry's newest number. */
export function isMarked(entry: Entry): boolean {
  const { joins, updates, leases } = entry.room.changes
  return joins.has(entry) || updates.has(entry) || leases.has(entry)
}

function isSameUser(a: PresenceUser | undefined, b: PresenceUser | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
