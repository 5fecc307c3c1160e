import { expect, test } from 'vitest'
import { foldParts, type RoomSummary } from './fold.ts'

const room = (key: string, clients: number, tenant?: string): RoomSummary => ({
  ...{ key, clients, users: clients, listeners: 1 },
  ...(tenant !== undefined && { tenant }),
})

test('cursors and typing are parts of their room, wherever they stand in the list', () => {
  expect(foldParts([room('pr:a', 3), room('pr:a-b', 1), room('pr:a/cursors', 2), room('pr:a/typing', 1)])).toEqual([
    { ...room('pr:a', 3), parts: { cursors: 2, typing: 1 } },
    { ...room('pr:a-b', 1), parts: {} },
  ])
})

test('parts stand for a room that is not on the page, and come to it when it is', () => {
  expect(foldParts([room('pr:a/cursors', 2)])).toEqual([
    { ...{ key: 'pr:a', users: 0, clients: 0, listeners: 0 }, parts: { cursors: 2 } },
  ])
  expect(foldParts([room('pr:a/cursors', 2), room('pr:a', 3)])).toEqual([{ ...room('pr:a', 3), parts: { cursors: 2 } }])
})

test('rooms of two tenants are two rooms', () => {
  expect(
    foldParts([room('pr:a', 1, 'x'), room('pr:a/typing', 1, 'y')]).map(({ tenant, parts }) => [tenant, parts]),
  ).toEqual([
    ['x', {}],
    ['y', { typing: 1 }],
  ])
})
