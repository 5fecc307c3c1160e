import { PresenceError, ttlMinMs, type GoneReason, type PresenceUser } from '@app/protocol'
import type { Counters } from './counters.ts'
import type { Hub } from './hub.ts'
import { expiresAtMs, hold, holdAgain, isExpired, lose, timedLease, type Lease, type Proof } from './lease.ts'
import {
  expiryReason,
  isMarked,
  leave,
  put,
  remove,
  restore,
  setUser,
  type Entry,
  type PutOutcome,
  type Room,
} from './room.ts'
import type { StoredEntry } from './store.ts'
import { tooManyEntries } from './refusals.ts'
import type { Sweeper } from './sweeper.ts'
import { Tally } from './tally.ts'

// A row on disk with less left than this is renewed in the next batch, so that a crash does not end it early.
const storedLeftMinMs = 2_000

// Somebody may have left by then; sooner, those who wait would keep a full room busy with asking.
const fullRetryMs = 5_000

export interface EntriesOptions {
  readonly hub: Hub
  readonly counters: Counters
  readonly sweeper: Sweeper<Entry>
  readonly graceMs: number
  readonly heldTtlMinMs: number
  /** How many clients may have an entry in one room. */
  readonly roomClients: number
  /** How many entries the clients of one user may have, over all rooms. */
  readonly userEntries: number
  /** An entry is to be written, or to be taken off the disk: in the next batch, or together with others a little later. */
  readonly save: (entry: Entry, when: 'next' | 'soon') => void
}

/** Who asks for it. */
export interface Putter {
  readonly clientId: number
  readonly user: PresenceUser | undefined
  readonly proof: Proof
  /** Throws when it may not come into one more room. */
  checkRooms(place: string): void
}

/** What a client asked to be placed. */
export interface Wish {
  readonly n: number
  readonly ttlMs: number
  readonly isHeld: boolean
  readonly data: unknown
  readonly json: string
}

/** All that happens to entries, over all rooms: the room is changed, its listeners and the store hear of it. */
export class Entries {
  readonly #options: EntriesOptions
  readonly #byClient = new Map<number, Map<Room, Entry>>()
  readonly #tally = new Tally()

  constructor(options: EntriesOptions) {
    this.#options = options
  }

  find(place: string, clientId: number): Entry | undefined {
    return this.#options.hub.find(place)?.entries.get(clientId)
  }

  /** Places an entry. Returns whether a delta will tell of it. Throws `room-full`, `too-many-rooms`, and what `checkRooms` throws. */
  put(place: string, wish: Wish, by: Putter, nowMs: number): boolean {
    const { hub, heldTtlMinMs } = this.#options
    const { clientId } = by
    const room = hub.open(place)
    const old = room.entries.get(clientId)
    const isThere = old !== undefined && this.check(old, nowMs) !== undefined
    // Who is in the room may go on.
    if (!isThere) {
      by.checkRooms(place)
      this.#checkPlace(room, by.user)
    }
    const oldUser = old?.user
    const oldDeadlineMs = old ? expiresAtMs(old.lease) : 0
    const oldTimedTtlMs = old?.lease.kind === 'timed' ? old.lease.ttlMs : 0
    const lease = wish.isHeld
      ? holdAgain(old?.lease, Math.max(wish.ttlMs, heldTtlMinMs), by.proof)
      : timedLease(wish.ttlMs, nowMs)
    const outcome = put(room, { clientId, n: wish.n, data: wish.data, json: wish.json, user: by.user, lease }, nowMs)
    const entry = room.entries.get(clientId) as Entry
    if (outcome === 'repeated') return isMarked(entry)
    if (outcome === 'joined' || entry.user !== oldUser) {
      if (outcome !== 'joined') this.#tally.remove(place, oldUser)
      this.#tally.add(place, entry.user)
      hub.counts.changed(place)
    }
    // A later deadline is seen when the earlier one has passed.
    if (entry !== old || expiresAtMs(entry.lease) < oldDeadlineMs) this.#watch(entry)
    this.#options.save(entry, savedWhen(outcome, oldDeadlineMs, entry.lease, nowMs))
    const earlierMs = Math.min(oldDeadlineMs, expiresAtMs(entry.lease))
    if (outcome === 'kept') return isMarked(entry)
    // Only leases that calls may ask for hurry a busy room; shorter ones are what is left of them after a time offline.
    if (oldTimedTtlMs < ttlMinMs || wish.ttlMs < ttlMinMs) hub.touch(room)
    else if (outcome === 'renewed') hub.touchGently(room, earlierMs)
    else hub.touchBefore(room, earlierMs)
    return isMarked(entry)
  }

  leave(place: string, clientId: number, n: number): void {
    const room = this.#options.hub.find(place)
    const entry = room && leave(room, clientId, n)
    if (entry) this.#gone(entry, 'left')
  }

  /** Takes one entry away; returns whether it was there. */
  remove(place: string, clientId: number, reason: GoneReason): boolean {
    const room = this.#options.hub.find(place)
    const entry = room && remove(room, clientId, reason)
    if (entry) this.#gone(entry, reason)
    return entry !== undefined
  }

  removeAll(clientId: number, reason: GoneReason): void {
    for (const { room } of this.of(clientId)) this.remove(room.place, clientId, reason)
  }

  /** The entries of a client, in whatever room. */
  of(clientId: number): readonly Entry[] {
    return [...this.#entries(clientId).values()]
  }

  /** The client's connection is lost: what it held ends soon, unless it comes back (L3). Nobody is told. */
  lose(clientId: number, nowMs: number): void {
    this.#setLeases(clientId, (lease) => lose(lease, this.#options.graceMs, nowMs))
  }

  /** The client is back: it holds again what it held. Nobody is told. */
  hold(clientId: number, proof: Proof): void {
    this.#setLeases(clientId, (lease) => hold(lease, proof))
  }

  setUser(clientId: number, user: PresenceUser | undefined): void {
    for (const [room, entry] of this.#entries(clientId)) {
      const before = entry.user
      if (!setUser(room, clientId, user)) continue
      this.#tally.remove(room.place, before)
      this.#tally.add(room.place, user)
      this.#options.save(entry, 'next')
      this.#options.hub.touch(room)
      this.#options.hub.counts.changed(room.place)
    }
  }

  /**
   * Places an entry as a store kept it, also in a full room: it was there before. A held one waits for its client, until the
   * deadline that it has on disk. If that is later than a whole lease from now, the system's clock has gone back since: it
   * gets no more than that, and is saved so, or each further start would give it as much again.
   */
  restore(stored: StoredEntry, storedDeadlineMs: number, nowMs: number): void {
    const { clientId, n, json, user, ttlMs, joinedAtMs } = stored
    const deadlineMs = Math.min(storedDeadlineMs, nowMs + ttlMs)
    const lease: Lease = { kind: stored.isHeld ? 'lost' : 'timed', ttlMs, expiresAtMs: deadlineMs }
    const room = this.#options.hub.open(stored.room)
    this.#tally.add(room.place, user)
    const entry = restore(room, { clientId, n, data: JSON.parse(json), json, user, lease, joinedAtMs })
    this.#watch(entry)
    if (deadlineMs < storedDeadlineMs) this.#options.save(entry, 'next')
    this.#options.hub.touch(room)
  }

  /** What the sweeper calls: takes an expired entry away, or says when it will be. */
  check(entry: Entry, nowMs: number): number | undefined {
    if (entry.room.entries.get(entry.clientId) !== entry) return undefined
    if (!isExpired(entry.lease, nowMs)) return expiresAtMs(entry.lease)
    this.#options.counters.expiryLateness.observe((nowMs - expiresAtMs(entry.lease)) / 1_000)
    this.remove(entry.room.place, entry.clientId, expiryReason(entry))
    return undefined
  }

  /** After a stall: those who waited for their client wait that much longer (L7). */
  extendGrace(ms: number): void {
    for (const entries of this.#byClient.values()) {
      for (const entry of entries.values()) {
        if (entry.lease.kind === 'lost') entry.lease = { ...entry.lease, expiresAtMs: entry.lease.expiresAtMs + ms }
      }
    }
  }

  /** Who comes into a full room must wait until somebody leaves; so must the clients of a user who has very many entries. */
  #checkPlace(room: Room, user: PresenceUser | undefined): void {
    const { roomClients, userEntries } = this.#options
    if (this.#tally.of(room.place, user) >= userEntries) throw tooManyEntries(userEntries, room.key)
    if (room.entries.size < roomClients) return
    throw new PresenceError(
      'room-full',
      `"${room.key}" has ${roomClients} clients, which is as many as it takes. You can watch and count it; a place is free once somebody leaves.`,
      { canRetry: true, retryAfterMs: fullRetryMs, room: room.key },
    )
  }

  #entries(clientId: number): ReadonlyMap<Room, Entry> {
    return this.#byClient.get(clientId) ?? new Map<Room, Entry>()
  }

  #setLeases(clientId: number, change: (lease: Lease) => Lease): void {
    for (const entry of this.#entries(clientId).values()) {
      const lease = change(entry.lease)
      if (lease === entry.lease) continue
      entry.lease = lease
      this.#watch(entry)
    }
  }

  #watch(entry: Entry): void {
    const entries = this.#byClient.get(entry.clientId)
    if (entries) entries.set(entry.room, entry)
    else this.#byClient.set(entry.clientId, new Map([[entry.room, entry]]))
    this.#options.sweeper.watch(entry, expiresAtMs(entry.lease))
  }

  #gone(entry: Entry, reason: GoneReason): void {
    this.#options.counters.gone[reason]++
    const entries = this.#byClient.get(entry.clientId)
    entries?.delete(entry.room)
    if (entries?.size === 0) this.#byClient.delete(entry.clientId)
    this.#tally.remove(entry.room.place, entry.user)
    this.#options.sweeper.forget(entry)
    this.#options.save(entry, 'next')
    this.#options.hub.touch(entry.room)
    this.#options.hub.counts.changed(entry.room.place)
  }
}

/** New data alone may wait a little; who is there, and for how long, may not (R3). */
function savedWhen(outcome: PutOutcome, oldDeadlineMs: number, lease: Lease, nowMs: number): 'next' | 'soon' {
  if (outcome === 'kept') return 'soon'
  if (outcome !== 'updated') return 'next'
  if (lease.kind !== 'timed') return 'soon'
  return lease.expiresAtMs < oldDeadlineMs || oldDeadlineMs - nowMs < storedLeftMinMs ? 'next' : 'soon'
}
