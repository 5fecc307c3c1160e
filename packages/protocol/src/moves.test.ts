import { expect, test } from 'vitest'
import { isMovable, isWholeGroup, packMoves, unpackMoves, type Move } from './moves.ts'

const moves: Move[] = [
  { slot: 1, step: 1, data: { x: 1, y: 2 } },
  { slot: 2, step: 3, data: { x: 5, y: null } },
  { slot: 3, step: 1, data: { y: 2, x: 1 } },
  { slot: 4, step: 1, data: {} },
  { slot: 5, step: 2, data: { 'a,b': { deep: [1] } } },
  { slot: 6, step: 1, data: { x: 'last', y: false } },
]

test('moves with the same keys in the same order share a group, and come out of it as they went in', () => {
  const groups = packMoves(moves)
  expect(groups[0]).toEqual([['x', 'y'], 1, 1, 1, 2, 2, 3, 5, null, 6, 1, 'last', false])
  expect(groups.length).toBe(4)
  const back = groups.flatMap(unpackMoves).sort((a, b) => a.slot - b.slot)
  expect(JSON.stringify(back)).toBe(JSON.stringify(moves))
  expect(groups.every(isWholeGroup)).toBe(true)
})

test('only plain objects move, and none with a key that some languages must not set', () => {
  expect([{}, { x: 1 }].map(isMovable)).toEqual([true, true])
  expect([null, 1, 'x', [], [1], JSON.parse('{"__proto__":1}')].map(isMovable)).not.toContain(true)
})

test('a group that is cut short, or whose keys are none, is not whole', () => {
  for (const group of [
    [['x'], 1, 1],
    [['x', 'y'], 1, 1, 2],
    [[7], 1, 1, 2],
    [['__proto__'], 1, 1, {}],
    [5, 1, {}],
  ])
    expect(isWholeGroup(group)).toBe(false)
  expect(isWholeGroup([['x']])).toBe(true)
})
