import { isMovable, packMoves } from '@app/protocol'
import type { DeltaMessage, EntryRow, LeaseRow, Move, MoveGroup, SnapshotMessage, UpdateRow } from '@app/protocol'
import type { Lease } from './lease.ts'
import { hasChanges, type Entry, type Room } from './room.ts'

/** Gathers what changed into one step to the next version; null when nothing did. */
export function flush(room: Room): DeltaMessage | null {
  if (!hasChanges(room)) return null
  const { joins, updates, leases, gone } = room.changes
  const lists = [[...gone], [...joins].map(entryRow), [...leases].map(leaseRow)] as const
  const rows = updateRows(updates)
  for (const entry of joins) entry.isAnnounced = true
  for (const told of [joins, updates, leases]) for (const entry of told) entry.toldN = entry.n
  joins.clear()
  updates.clear()
  leases.clear()
  gone.length = 0
  const from = room.version++
  // Lists at the end that are empty are left out: most deltas are updates alone.
  const filled = lists.map((list) => list.length > 0).lastIndexOf(true) + 1
  return ['d', room.number, from, room.version, rows, ...lists.slice(0, filled)] as unknown as DeltaMessage
}

/** The whole room at its version. Flush first: what waits for a flush would be told twice. */
export function snapshot(room: Room, epoch: string): SnapshotMessage {
  return ['s', room.key, room.number, epoch, room.version, [...room.entries.values()].map(entryRow)]
}

function entryRow(entry: Entry): EntryRow {
  const { slot, clientId, n, data, joinedAtMs, user } = entry
  const row = [slot, clientId, n, data, ...wireLease(entry.lease), joinedAtMs] as const
  return user === undefined ? row : [...row, user]
}

function updateRows(updates: Iterable<Entry>): (UpdateRow | MoveGroup)[] {
  const rows: UpdateRow[] = []
  const moves: Move[] = []
  for (const entry of updates) {
    const { slot, n, toldN, data, lease } = entry
    if (lease.kind !== 'timed' && toldN > 0 && isMovable(data)) moves.push({ slot, step: n - toldN, data })
    else rows.push(updateRow(entry))
  }
  return [...packMoves(moves), ...rows]
}

function updateRow({ slot, n, data, lease }: Entry): UpdateRow {
  return lease.kind === 'timed' ? [slot, n, data, lease.expiresAtMs] : [slot, n, data]
}

function leaseRow({ slot, n, lease }: Entry): LeaseRow {
  return [slot, n, ...wireLease(lease)]
}

function wireLease(lease: Lease): readonly [expiresAtMs: number, heldTtlMs: number] {
  return lease.kind === 'timed' ? [lease.expiresAtMs, 0] : [0, lease.ttlMs]
}
