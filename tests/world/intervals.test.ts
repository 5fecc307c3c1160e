import { expect, test } from 'vitest'
import { intersect, invert, Layers, Span, subtract, total } from './intervals.ts'

const never = Number.NEGATIVE_INFINITY
const ever = Number.POSITIVE_INFINITY

test('intervals meet where both are', () => {
  expect(
    intersect(
      [
        [0, 10],
        [20, 30],
      ],
      [
        [5, 22],
        [29, 40],
      ],
    ),
  ).toEqual([
    [5, 10],
    [20, 22],
    [29, 30],
  ])
  expect(intersect([[0, 10]], [[10, 20]])).toEqual([])
})

test('what is not so is before, between and after', () => {
  expect(
    invert([
      [0, 10],
      [20, ever],
    ]),
  ).toEqual([
    [never, 0],
    [10, 20],
  ])
  expect(
    subtract(
      [[0, 30]],
      [
        [5, 10],
        [20, 40],
      ],
    ),
  ).toEqual([
    [0, 5],
    [10, 20],
  ])
})

test('the whole is the sum of its parts', () => {
  expect(total(subtract([[0, 30]], [[5, 10]]))).toBe(25)
})

test('a span that begins twice begins once, and one that has not ended goes on', () => {
  const span = new Span()
  span.end(1)
  span.begin(2)
  span.begin(3)
  span.end(5)
  span.begin(8)
  expect(span.intervals).toEqual([
    [2, 5],
    [8, ever],
  ])
})

test('with two reasons it is so until both have gone', () => {
  const layers = new Layers()
  layers.begin(1)
  layers.begin(2)
  layers.end(3)
  expect(layers.isOpen).toBe(true)
  layers.end(4)
  expect(layers.intervals).toEqual([[1, 4]])
})
