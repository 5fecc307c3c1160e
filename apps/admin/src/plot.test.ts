import { expect, test } from 'vitest'
import { linesOf, pathOf, topOf } from './plot.ts'

test('a line goes by time, up to now at the right edge, and leaves out what is too old', () => {
  expect(linesOf([0, 500, 1_000, 2_000], [9, 4, 2, 1], 1_500, 4)).toEqual([
    [
      { x: 0, y: 0 },
      { x: 1 - 1_000 / 1_500, y: 0.5 },
      { x: 1, y: 0.75 },
    ],
  ])
})

test('where a value is not known the line is broken', () => {
  const lines = linesOf([0, 1, 2, 3], [1, undefined, undefined, 1], 3, 2)
  expect(lines).toEqual([[{ x: 0, y: 0.5 }], [{ x: 1, y: 0.5 }]])
  expect(linesOf([], [], 3, 2)).toEqual([])
})

test('a path is in the units of its box', () => {
  expect(
    pathOf(
      [
        { x: 0, y: 1 },
        { x: 1, y: 0.5 },
      ],
      120,
      40,
    ),
  ).toBe('M0.0 40.0L120.0 20.0')
})

test('the top of a chart is a round number above all that it shows', () => {
  expect([[], [0.2], [1], [4], [5], [99], [4_000]].map((values) => topOf(values, 1))).toEqual([
    2, 2, 2, 5, 10, 200, 5_000,
  ])
  expect(topOf([undefined, 0.001], 0.5)).toBe(1)
})
