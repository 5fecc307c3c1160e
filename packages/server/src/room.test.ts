import { expect, test } from 'vitest'
import type { PresenceUser } from '@app/protocol'
import { flush, snapshot } from './delta.ts'
import { heldLease, timedLease, type Lease } from './lease.ts'
import { createRoom, leave, put, remove, setUser, type Room } from './room.ts'

const proof = { seenAtMs: 0 }
const held = (ttlMs = 30_000): Lease => heldLease(ttlMs, proof)

function place(
  room: Room,
  clientId: number,
  n: number,
  data: unknown,
  more: { lease?: Lease; user?: PresenceUser } = {},
) {
  return put(room, { clientId, n, data, json: JSON.stringify(data), lease: more.lease ?? held(), user: more.user }, 100)
}

/** A room that ada (7, slot 1) has entered with a held lease, told already. */
function atelier(lease: Lease = held()): Room {
  const room = createRoom('pr:atelier', 3)
  place(room, 7, 1, { x: 1 }, { lease })
  flush(room)
  return room
}

test('a new entry is a join, and the room is one version further', () => {
  const room = createRoom('pr:atelier', 3)
  expect(place(room, 7, 1, { x: 1 }, { user: { id: 'ada' } })).toBe('joined')
  expect(flush(room)).toEqual(['d', 3, 0, 1, [], [], [[1, 7, 1, { x: 1 }, 0, 30_000, 100, { id: 'ada' }]]])
  expect(flush(room)).toBeNull()
  expect(snapshot(room, 'e')).toEqual([
    's',
    'pr:atelier',
    3,
    'e',
    1,
    [[1, 7, 1, { x: 1 }, 0, 30_000, 100, { id: 'ada' }]],
  ])
})

test('of several data within one flush, the newest is told', () => {
  const room = atelier()
  place(room, 7, 2, { x: 2 })
  place(room, 7, 3, { x: 3 })
  expect(flush(room)).toEqual(['d', 3, 1, 2, [[['x'], 1, 2, 3]]])
})

test('new data of a held entry says its keys once, and by how much its number grew', () => {
  const room = atelier()
  place(room, 8, 1, { x: 1, y: 1 })
  flush(room)
  place(room, 7, 2, { x: 5, y: 6 })
  place(room, 8, 4, { x: 7, y: 8 })
  expect(flush(room)).toEqual(['d', 3, 2, 3, [[['x', 'y'], 1, 1, 5, 6, 2, 3, 7, 8]]])
  place(room, 7, 3, 'no object')
  expect(flush(room)).toEqual(['d', 3, 3, 4, [[1, 3, 'no object']]])
})

test('after a put that nobody was told of, the next one says its number', () => {
  const room = atelier()
  expect(place(room, 7, 2, { x: 1 })).toBe('kept')
  place(room, 7, 3, { x: 2 })
  expect(flush(room)).toEqual(['d', 3, 1, 2, [[1, 3, { x: 2 }]]])
  place(room, 7, 4, { x: 3 })
  expect(flush(room)).toEqual(['d', 3, 2, 3, [[['x'], 1, 1, 3]]])
})

test('[P5] the same data with an unchanged held lease tells nobody anything', () => {
  const room = atelier()
  expect(place(room, 7, 2, { x: 1 })).toBe('kept')
  expect(flush(room)).toBeNull()
})

test('[P5] the same data with a later deadline tells the deadline only', () => {
  const room = atelier(timedLease(5_000, 100))
  expect(place(room, 7, 2, { x: 1 }, { lease: timedLease(5_000, 900) })).toBe('renewed')
  expect(flush(room)).toEqual(['d', 3, 1, 2, [], [], [], [[1, 2, 5_900, 0]]])
})

test('[P5] other spacing or order of keys is other data', () => {
  const room = atelier()
  place(room, 7, 2, { x: 1, y: 2 })
  flush(room)
  expect(place(room, 7, 3, { y: 2, x: 1 })).toBe('updated')
})

test('new data of a timed entry carries its deadline', () => {
  const room = atelier(timedLease(5_000, 100))
  place(room, 7, 2, { x: 2 }, { lease: timedLease(5_000, 900) })
  expect(flush(room)).toEqual(['d', 3, 1, 2, [[1, 2, { x: 2 }, 5_900]]])
})

test('another kind of lease is told, with new data too', () => {
  const room = atelier(timedLease(5_000, 100))
  expect(place(room, 7, 2, { x: 1 })).toBe('leased')
  expect(flush(room)).toEqual(['d', 3, 1, 2, [], [], [], [[1, 2, 0, 30_000]]])
  place(room, 7, 3, { x: 2 }, { lease: timedLease(5_000, 100) })
  expect(flush(room)).toEqual(['d', 3, 2, 3, [[1, 3, { x: 2 }, 5_100]], [], [], [[1, 3, 5_100, 0]]])
  place(room, 7, 4, { x: 3 }, { lease: held(40_000) })
  expect(flush(room)).toEqual(['d', 3, 3, 4, [[['x'], 1, 1, 3]], [], [], [[1, 4, 0, 40_000]]])
})

test('[P7] a number that is not above the entry’s changes nothing', () => {
  const room = atelier()
  expect(place(room, 7, 1, { x: 9 })).toBe('repeated')
  expect(leave(room, 7, 1)).toBeUndefined()
  expect(flush(room)).toBeNull()
  expect(room.entries.size).toBe(1)
})

test('[P6] a leave takes the entry away, once', () => {
  const room = atelier()
  expect(leave(room, 7, 2)?.slot).toBe(1)
  expect(leave(room, 7, 3)).toBeUndefined()
  expect(flush(room)).toEqual(['d', 3, 1, 2, [], [[1, 'left']]])
})

test('what joined and went within one flush leaves no trace', () => {
  const room = atelier()
  place(room, 8, 1, 'hello')
  leave(room, 8, 2)
  expect(flush(room)).toBeNull()
})

test('who goes and comes back within one flush is gone from the old slot and joins in a new one', () => {
  const room = atelier()
  leave(room, 7, 2)
  place(room, 7, 3, { x: 1 })
  expect(flush(room)).toEqual(['d', 3, 1, 2, [], [[1, 'left']], [[2, 7, 3, { x: 1 }, 0, 30_000, 100]]])
})

test('[A1] another user is a join into the same slot, and an entry that was told of can still go', () => {
  const room = atelier()
  place(room, 7, 2, { x: 2 })
  expect(setUser(room, 7, { id: 'ada' })).toBe(true)
  expect(setUser(room, 7, { id: 'ada' })).toBe(false)
  expect(flush(room)).toEqual(['d', 3, 1, 2, [], [], [[1, 7, 2, { x: 2 }, 0, 30_000, 100, { id: 'ada' }]]])
  setUser(room, 7, undefined)
  remove(room, 7, 'kicked')
  expect(flush(room)).toEqual(['d', 3, 2, 3, [], [[1, 'kicked']]])
})

test('[P8] null, 0, false and "" are data', () => {
  const room = createRoom('pr:atelier', 3)
  for (const [index, data] of [null, 0, false, ''].entries()) place(room, index + 1, 1, data)
  expect(snapshot(room, 'e')[5].map((row) => row[3])).toEqual([null, 0, false, ''])
})
