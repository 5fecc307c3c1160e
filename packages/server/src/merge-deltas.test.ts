import { isMoveGroup, packMoves, unpackMoves, type DeltaMessage, type EntryRow, type UpdateRow } from '@app/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeDeltas } from './merge-deltas.ts'

/** What PROTOCOL.md says that a listener does with a delta. */
function apply(entries: Map<number, EntryRow>, [, , , , updates, gone = [], joins = [], leases = []]: DeltaMessage) {
  const after = new Map(entries)
  const change = (slot: number, to: (row: EntryRow) => unknown) => {
    const row = after.get(slot)
    if (row) after.set(slot, to(row) as EntryRow)
  }
  for (const [slot] of gone) after.delete(slot)
  for (const row of joins) after.set(row[0], row)
  for (const { slot, step, data } of updates.filter(isMoveGroup).flatMap(unpackMoves))
    change(slot, ([, id, n, , ...rest]) => [slot, id, n + step, data, ...rest])
  for (const [slot, n, data, at] of updates.filter((row) => !isMoveGroup(row)) as UpdateRow[]) {
    change(slot, ([, id, , , expires, ttl, ...rest]) => [
      slot,
      id,
      n,
      data,
      at ?? expires,
      at === undefined ? ttl : 0,
      ...rest,
    ])
  }
  for (const [slot, n, expires, ttl] of leases)
    change(slot, ([, id, , data, , , ...rest]) => [slot, id, n, data, expires, ttl, ...rest])
  return after
}

/** Deltas that a room can send: slots are never given twice, and only those there are updated, renewed or gone. */
function deltas(choices: readonly (readonly [number, number, boolean])[]) {
  const there = new Set([1, 2, 3])
  const messages: DeltaMessage[] = []
  let [nextSlot, n] = [4, 1]
  for (const [version, picks] of choices.entries()) {
    const [kind, pick, isTimed] = picks
    const slot = [...there][pick % Math.max(1, there.size)] ?? 0
    n++
    const lease = isTimed ? [n * 100, 0] : [0, 30_000]
    const row = (of: number) => [of, of + 70, n, `data ${n}`, ...lease, 5]
    const lists: unknown[][] = [[], [], [], []]
    if (kind === 0) lists[0] = [isTimed ? [slot, n, `data ${n}`, n * 100] : [slot, n, `data ${n}`]]
    if (kind === 5)
      lists[0] = packMoves([{ slot, step: 1 + (pick % 3), data: pick % 2 ? { x: n } : { y: n, x: pick } }])
    if (kind === 1) lists[1] = [[slot, 'left']]
    if (kind === 2) lists[2] = [row(nextSlot)]
    if (kind === 3) lists[3] = [[slot, n, ...lease]]
    if (kind === 4) lists[2] = [[...row(slot), { id: `user ${n}` }]]
    if (kind === 1) there.delete(slot)
    if (kind === 2) there.add(nextSlot++)
    messages.push(['d', 9, version, version + 1, ...lists] as unknown as DeltaMessage)
  }
  return messages
}

const before = new Map<number, EntryRow>([1, 2, 3].map((slot) => [slot, [slot, slot + 70, 1, 'old', 0, 30_000, 5]]))

test('[S1] a merged delta does what the deltas in a row do', () => {
  const choice = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.nat(20), fc.boolean())
  fc.assert(
    fc.property(fc.array(choice, { minLength: 2, maxLength: 30 }), (choices) => {
      const row = deltas(choices)
      const merged = row.slice(1).reduce(mergeDeltas, row[0] as DeltaMessage)
      expect(merged.slice(0, 4)).toEqual(['d', 9, 0, row.length])
      const byClient = (entries: Map<number, EntryRow>) => [...entries.values()].sort((a, b) => a[0] - b[0])
      expect(byClient(apply(before, merged))).toEqual(byClient(row.reduce(apply, before)))
    }),
    { numRuns: 2_000 },
  )
})

test('a merged delta grows with the entries, not with the deltas', () => {
  const row = Array.from({ length: 500 }, (_, i): DeltaMessage => ['d', 9, i, i + 1, [[1 + (i % 3), i, `data ${i}`]]])
  const merged = row.slice(1).reduce(mergeDeltas, row[0] as DeltaMessage)
  expect((merged[4] as UpdateRow[]).map(([slot, n]) => [slot, n])).toEqual([
    [1, 498],
    [2, 499],
    [3, 497],
  ])
})
