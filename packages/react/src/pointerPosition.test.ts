import { expect, test } from 'vitest'
import { fractions, parsePosition, pointIn, rounded, sizeOf } from './pointerPosition.ts'

/** A box of 400 × 200 with a border of 2, seen at (100, 50), by default in its own size. */
function box({ scale = 1 } = {}) {
  const [offsetWidth, offsetHeight] = [404, 204]
  const rect = { left: 100, top: 50, width: offsetWidth * scale, height: offsetHeight * scale }
  const border = { clientLeft: 2, clientTop: 2, clientWidth: 400, clientHeight: 200 }
  return { ...border, offsetWidth, offsetHeight, getBoundingClientRect: () => rect as DOMRect }
}

test('a point is counted from the inside of the border', () => {
  expect(pointIn(box(), 102, 52)).toEqual({ x: 0, y: 0 })
  expect(pointIn(box(), 302, 152)).toEqual({ x: 200, y: 100 })
})

test('a point is the same whatever an ancestor is scaled to', () => {
  expect(pointIn(box({ scale: 0.5 }), 100 + 202 * 0.5, 50 + 102 * 0.5)).toEqual({ x: 200, y: 100 })
})

test('a position is the fraction of the container, and the same fraction of a smaller one is shown there', () => {
  const position = fractions.toLocal({ x: 100, y: 150 }, { width: 400, height: 200 })
  expect(position).toEqual({ x: 0.25, y: 0.75 })
  expect(fractions.fromLocal(position, { width: 200, height: 100 })).toEqual({ x: 50, y: 75 })
})

test('a captured pointer that is outside stays at the edge', () => {
  expect(fractions.toLocal({ x: -20, y: 900 }, { width: 400, height: 200 })).toEqual({ x: 0, y: 1 })
})

test('a position has four decimals on the wire', () => {
  expect(rounded({ x: 1 / 3, y: 2 / 3 })).toEqual({ x: 0.3333, y: 0.6667 })
})

test('an element without an inside of its own counts as its rectangle', () => {
  expect(sizeOf(box())).toEqual({ width: 400, height: 200 })
  expect(sizeOf({ ...box(), clientWidth: 0, clientHeight: 0 })).toMatchObject({ width: 404, height: 204 })
})

test('what a peer put under the key counts only if it is a position', () => {
  expect(parsePosition({ x: 0.5, y: 0, more: 1 })).toEqual({ x: 0.5, y: 0 })
  for (const other of [null, 7, 'x', [], {}, { x: 1 }, { x: '1', y: 1 }]) expect(parsePosition(other)).toBeNull()
})
