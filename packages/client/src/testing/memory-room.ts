import type {
  DeltaMessage,
  EntryRow,
  GoneReason,
  GoneRow,
  LeaseRow,
  PresenceUser,
  SnapshotMessage,
} from '@app/protocol'

/** One connection at the server. */
export interface Peer {
  readonly clientId: number
  user: PresenceUser | null
  /** The last sign of life: what it holds lives as long as this moves on. */
  seenAtMs: number
}

/** One client's presence in one room. */
export interface Entry {
  readonly slot: number
  readonly clientId: number
  readonly joinedAtMs: number
  n: number
  data: unknown
  user: PresenceUser | null
  ttlMs: number
  /** 0 for a timed lease. */
  heldTtlMs: number
  /** Of a timed lease, and of a held one whose connection is lost. */
  expiresAtMs: number
  /** Whose signs of life hold it; null: nobody's. */
  holder: Peer | null
  isTold: boolean
}

/** What a client asks to be placed. */
export interface Put {
  readonly n: number
  readonly ttlMs: number
  readonly isHeld: boolean
  readonly data: unknown
}

/** What a put came to, as far as it matters to when it is told. */
export type Outcome = 'nothing' | 'renewed' | 'changed'

/** The last moment at which the entry is there, as far as can be said now. */
export function deadlineOf({ holder, heldTtlMs, expiresAtMs }: Entry): number {
  return holder ? holder.seenAtMs + heldTtlMs : expiresAtMs
}

/** Entries and versions of one room: plain data, and all that happens to it. */
export class MemoryRoom {
  readonly key: string
  /** Stands for the key on the wire. */
  readonly number: number
  readonly entries = new Map<number, Entry>()
  version = 0
  #lastSlot = 0
  // An entry is in at most one of joins and (updates, leases).
  readonly #joins = new Set<Entry>()
  readonly #updates = new Set<Entry>()
  readonly #leases = new Set<Entry>()
  #gone: GoneRow[] = []

  constructor(key: string, number: number) {
    this.key = key
    this.number = number
  }

  put(peer: Peer, { n, ttlMs, isHeld, data }: Put, nowMs: number): Outcome {
    const lease = isHeld
      ? { ttlMs, heldTtlMs: ttlMs, expiresAtMs: 0, holder: peer }
      : { ttlMs, heldTtlMs: 0, expiresAtMs: nowMs + ttlMs, holder: null }
    const { clientId, user } = peer
    const entry = this.entries.get(clientId)
    if (!entry) {
      const joined = { slot: ++this.#lastSlot, clientId, joinedAtMs: nowMs, n, data, user, ...lease, isTold: false }
      this.entries.set(clientId, joined)
      this.#joins.add(joined)
      return 'changed'
    }
    // Each number is taken once.
    if (n <= entry.n) return 'nothing'
    const isSameData = JSON.stringify(data) === JSON.stringify(entry.data)
    const isSameKind = isHeld === entry.heldTtlMs > 0
    const isSameHeld = isHeld && lease.heldTtlMs === entry.heldTtlMs
    const isOtherLease = !isSameHeld && (isHeld || !isSameKind || lease.expiresAtMs !== entry.expiresAtMs)
    Object.assign(entry, { n, data, user, ...lease })
    if (this.#joins.has(entry)) return isSameData && !isOtherLease ? 'nothing' : 'changed'
    if (!isSameData) this.#updates.add(entry)
    // An update carries a timed deadline itself. A renewal is told even when the deadline is the same: it confirms the put.
    if (isSameData ? !isSameHeld : isHeld ? isOtherLease : !isSameKind) this.#leases.add(entry)
    if (isSameHeld && isSameData) return 'nothing'
    return isSameData && !isHeld && isSameKind ? 'renewed' : 'changed'
  }

  setUser(entry: Entry, user: PresenceUser | null): void {
    entry.user = user
    // A join row holds everything.
    this.#updates.delete(entry)
    this.#leases.delete(entry)
    this.#joins.add(entry)
  }

  /** What joined and went between two deltas leaves no trace. */
  remove(entry: Entry, reason: GoneReason): void {
    this.entries.delete(entry.clientId)
    for (const told of [this.#joins, this.#updates, this.#leases]) told.delete(entry)
    if (entry.isTold) this.#gone.push([entry.slot, reason])
  }

  /** Whether the next delta will carry the entry's newest number. */
  isMarked(entry: Entry): boolean {
    return [this.#joins, this.#updates, this.#leases].some((told) => told.has(entry))
  }

  get hasChanges(): boolean {
    return this.#joins.size + this.#updates.size + this.#leases.size + this.#gone.length > 0
  }

  /** The step to the next version; null when nothing has changed. */
  delta(): DeltaMessage | null {
    if (!this.hasChanges) return null
    const updates = [...this.#updates].map(({ slot, n, data, heldTtlMs, expiresAtMs }) =>
      heldTtlMs > 0 ? ([slot, n, data] as const) : ([slot, n, data, expiresAtMs] as const),
    )
    const joins = [...this.#joins].map(rowOf)
    const leases = [...this.#leases].map((entry): LeaseRow => [entry.slot, entry.n, ...leaseOf(entry)])
    const gone = this.#gone
    for (const entry of this.#joins) entry.isTold = true
    for (const told of [this.#joins, this.#updates, this.#leases]) told.clear()
    this.#gone = []
    return ['d', this.number, this.version, ++this.version, updates, gone, joins, leases]
  }

  /** The whole room. What has changed is to be told first. */
  snapshot(epoch: string): SnapshotMessage {
    return ['s', this.key, this.number, epoch, this.version, [...this.entries.values()].map(rowOf)]
  }

  /** Distinct users (a client without one counts as a user of its own), and clients. */
  count(): { readonly users: number; readonly clients: number } {
    const users = new Set([...this.entries.values()].map(({ user, clientId }) => user?.id ?? clientId))
    return { users: users.size, clients: this.entries.size }
  }
}

function rowOf(entry: Entry): EntryRow {
  const { slot, clientId, n, data, joinedAtMs, user } = entry
  const row = [slot, clientId, n, data, ...leaseOf(entry), joinedAtMs] as const
  return user ? [...row, user] : row
}

function leaseOf({ heldTtlMs, expiresAtMs }: Entry): readonly [expiresAtMs: number, heldTtlMs: number] {
  return heldTtlMs > 0 ? [0, heldTtlMs] : [expiresAtMs, 0]
}
