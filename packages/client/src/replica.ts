import { isMoveGroup, unpackMoves } from '@app/protocol'
import type { DeltaMessage, EntryRow, GoneReason, PresenceUser, SnapshotMessage } from '@app/protocol'
import type { LeftReason } from './presence.ts'

/** How long an entry lives: until a moment, or (`heldTtlMs` > 0) that long after its client's last proof of life. */
export interface Lease {
  readonly heldTtlMs: number
  /** Server time; 0 for a held lease. */
  readonly expiresAtMs: number
}

/** One entry as the server told it. */
export interface ServerEntry {
  readonly slot: number
  readonly clientId: number
  readonly n: number
  readonly data: unknown
  readonly lease: Lease
  readonly joinedAtMs: number
  readonly user: PresenceUser | null
}

/** The clients that a message touched, and, for those that it removed, why. */
export type Touched = Map<number, LeftReason | GoneReason>

/**
 * The server's word on one room, as far as this client has heard it: no clock, no wishes of my own. An entry that
 * ran out stays until the server says that it is gone; whoever shows it judges that.
 */
export class Replica {
  readonly #bySlot = new Map<number, ServerEntry>()
  readonly #byClient = new Map<number, ServerEntry>()
  /** null until the first snapshot. */
  epoch: string | null = null
  version = 0

  get(clientId: number): ServerEntry | undefined {
    return this.#byClient.get(clientId)
  }

  clientIds(): Iterable<number> {
    return this.#byClient.keys()
  }

  /** Replaces everything by a snapshot: what it does not contain is gone (S3). */
  applySnapshot([, , , epoch, version, rows]: SnapshotMessage): Touched {
    const reason = this.epoch === null || this.epoch === epoch ? 'lost' : 'restart'
    const touched: Touched = new Map()
    for (const clientId of this.#byClient.keys()) touched.set(clientId, reason)
    this.#bySlot.clear()
    this.#byClient.clear()
    this.epoch = epoch
    this.version = version
    for (const row of rows) touched.set(this.#put(entryOf(row)), reason)
    return touched
  }

  /** Applies a delta that follows the present version; returns null for one that does not (a gap: ask for a snapshot). */
  applyDelta([, , from, to, updates, gone = [], joins = [], leases = []]: DeltaMessage): Touched | null {
    if (from !== this.version) return null
    this.version = to
    const touched: Touched = new Map()
    const change = (slot: number, news: (entry: ServerEntry) => Partial<ServerEntry>) => {
      const entry = this.#bySlot.get(slot)
      if (entry) touched.set(this.#put({ ...entry, ...news(entry) }), 'left')
    }
    for (const [slot, reason] of gone) {
      const entry = this.#bySlot.get(slot)
      if (!entry) continue
      this.remove(entry.clientId)
      touched.set(entry.clientId, reason)
    }
    for (const row of joins) touched.set(this.#put(entryOf(row)), 'left')
    for (const row of updates) {
      if (isMoveGroup(row)) {
        for (const { slot, step, data } of unpackMoves(row)) change(slot, ({ n }) => ({ n: n + step, data }))
      } else {
        const [slot, n, data, expiresAtMs] = row
        change(slot, ({ lease }) => ({
          n,
          data,
          lease: expiresAtMs === undefined ? lease : { heldTtlMs: 0, expiresAtMs },
        }))
      }
    }
    for (const [slot, n, expiresAtMs, heldTtlMs] of leases)
      change(slot, () => ({ n, lease: { heldTtlMs, expiresAtMs } }))
    return touched
  }

  /** An entry is gone, as was said otherwise than by a delta; one that says it too changes nothing. */
  remove(clientId: number): void {
    const entry = this.#byClient.get(clientId)
    if (!entry) return
    this.#byClient.delete(clientId)
    this.#bySlot.delete(entry.slot)
  }

  #put(entry: ServerEntry): number {
    this.#bySlot.set(entry.slot, entry)
    this.#byClient.set(entry.clientId, entry)
    return entry.clientId
  }
}

function entryOf([slot, clientId, n, data, expiresAtMs, heldTtlMs, joinedAtMs, user]: EntryRow): ServerEntry {
  return { slot, clientId, n, data, lease: { heldTtlMs, expiresAtMs }, joinedAtMs, user: user ?? null }
}
