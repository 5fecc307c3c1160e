import { isMoveGroup, packMoves, unpackMoves } from '@app/protocol'
import type { DeltaMessage, EntryRow, GoneRow, LeaseRow, Move, UpdateRow } from '@app/protocol'

/**
 * One delta that does what two in a row do: from where the first began to where the second ends. It grows with the
 * number of entries, not with the number of deltas, so it is what waits for a listener that cannot keep up.
 */
export function mergeDeltas(first: DeltaMessage, second: DeltaMessage): DeltaMessage {
  const merged = new Merged()
  merged.add(first)
  merged.add(second)
  return merged.message([first[1], first[2], second[3]])
}

/** The rows of a delta by slot. An entry is in at most one of joins, updates and moves; one with a lease is in no joins. */
class Merged {
  readonly #gone = new Map<number, GoneRow>()
  readonly #joins = new Map<number, EntryRow>()
  readonly #updates = new Map<number, UpdateRow>()
  readonly #moves = new Map<number, Move>()
  readonly #leases = new Map<number, LeaseRow>()

  add([, , , , updates, gone = [], joins = [], leases = []]: DeltaMessage): void {
    for (const row of gone) this.#go(row)
    for (const row of joins) this.#join(row)
    for (const row of updates) {
      if (!isMoveGroup(row)) this.#update(row)
      else for (const move of unpackMoves(row)) this.#move(move)
    }
    for (const row of leases) this.#lease(row)
  }

  message([room, from, to]: readonly [room: number, from: number, to: number]): DeltaMessage {
    const updates = [...packMoves(this.#moves.values()), ...this.#updates.values()]
    const [gone, joins, leases] = [this.#gone, this.#joins, this.#leases].map((list) => [...list.values()])
    return ['d', room, from, to, updates, gone, joins, leases] as unknown as DeltaMessage
  }

  #go(row: GoneRow): void {
    const [slot] = row
    this.#replaceChanges(slot)
    // A join may have been of a known entry whose user changed, so the row is told either way; an unknown slot is passed over.
    this.#joins.delete(slot)
    this.#gone.set(slot, row)
  }

  #join(row: EntryRow): void {
    const [slot] = row
    this.#replaceChanges(slot)
    this.#joins.set(slot, row)
  }

  #replaceChanges(slot: number): void {
    this.#updates.delete(slot)
    this.#moves.delete(slot)
    this.#leases.delete(slot)
  }

  #move(move: Move): void {
    const { slot, step, data } = move
    const join = this.#joins.get(slot)
    if (join) {
      const [, clientId, n, , ...rest] = join
      this.#joins.set(slot, [slot, clientId, n + step, data, ...rest])
      return
    }
    const [update, lease] = [this.#updates.get(slot), this.#leases.get(slot)]
    if (update) {
      const [, n, , ...deadline] = update
      this.#updates.set(slot, [slot, n + step, data, ...deadline])
    } else this.#moves.set(slot, { slot, step: step + (this.#moves.get(slot)?.step ?? 0), data })
    // A lease row is applied after the moves, and its number must not be an older one.
    if (lease) this.#leases.set(slot, [slot, lease[1] + step, lease[2], lease[3]])
  }

  #update(row: UpdateRow): void {
    const [slot, n, data, expiresAtMs] = row
    const join = this.#joins.get(slot)
    if (join) {
      const [, clientId, , , joinExpiresAtMs, heldTtlMs, ...rest] = join
      const lease = expiresAtMs === undefined ? [joinExpiresAtMs, heldTtlMs] : [expiresAtMs, 0]
      this.#joins.set(slot, [slot, clientId, n, data, ...lease, ...rest] as unknown as EntryRow)
      return
    }
    this.#moves.delete(slot)
    const deadlineMs = expiresAtMs ?? this.#updates.get(slot)?.[3]
    this.#updates.set(slot, deadlineMs === undefined ? [slot, n, data] : [slot, n, data, deadlineMs])
    const lease = this.#leases.get(slot)
    // A lease row is applied after the updates: an older one must not undo this one's deadline or number.
    if (lease && expiresAtMs === undefined) this.#leases.set(slot, [slot, n, lease[2], lease[3]])
    else this.#leases.delete(slot)
  }

  #lease(row: LeaseRow): void {
    const [slot, n, expiresAtMs, heldTtlMs] = row
    const join = this.#joins.get(slot)
    if (!join) return void this.#leases.set(slot, row)
    const [, clientId, , data, , , ...rest] = join
    this.#joins.set(slot, [slot, clientId, n, data, expiresAtMs, heldTtlMs, ...rest] as unknown as EntryRow)
  }
}
