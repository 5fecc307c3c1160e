import { expect, test } from 'vitest'
import { flushAtMs, flushBeforeMs, flushPauseMs, paceFor, renewalFlushAtMs } from './flush-time.ts'

test('a quiet room is told at once, a busy one when its pause is over', () => {
  expect(flushAtMs(1_000, Number.NEGATIVE_INFINITY, 33)).toBe(1_000)
  expect(flushAtMs(1_000, 990, 33)).toBe(1_023)
})

test('a renewed lease is told within a second, and within half of what its deadline left', () => {
  expect(renewalFlushAtMs(1_000, 61_000, 0, 33)).toBe(2_000)
  expect(renewalFlushAtMs(1_000, 1_800, 0, 33)).toBe(1_400)
  expect(renewalFlushAtMs(1_000, 900, 0, 33)).toBe(1_000)
})

test('news that must come before a deadline does not wait for the end of a pause that is longer', () => {
  expect(flushBeforeMs(1_000, 1_100, 990, 33)).toBe(1_023)
  expect(flushBeforeMs(1_000, 1_020, 990, 33)).toBe(1_010)
  expect(flushBeforeMs(1_000, 1_000, 990, 33)).toBe(1_000)
  expect(renewalFlushAtMs(1_000, 1_020, 999, 33)).toBe(1_015)
})

test('a room waits longer between two flushes as it grows, and while the process is busy', () => {
  expect([100, 330].map((listeners) => flushPauseMs(33, listeners, 0))).toEqual([33, 33])
  expect([1, 50].map((listeners) => flushPauseMs(33, listeners, 0.3))).toEqual([33, 33])
  expect([500, 1_000, 2_000].map((listeners) => flushPauseMs(33, listeners, 0.8))).toEqual([50, 100, 200])
  expect([0.9, 1].map((load) => flushPauseMs(33, 100, load))).toEqual([83, 132])
})

test('a small room of an idle process waits half as long, and nothing jumps on the way there', () => {
  expect([1, 50, 75, 100].map((listeners) => flushPauseMs(33, listeners, 0.2))).toEqual([15, 15, 24, 33])
  expect([0.2, 0.25, 0.3].map((load) => flushPauseMs(33, 50, load))).toEqual([15, 24, 33])
})

test('who is alone puts once a second, a crowd less often, and nobody is told twice about a size that swings', () => {
  expect([0, 1, 2, 499, 500, 1_000, 2_000].map((listeners) => paceFor(listeners, undefined))).toEqual([
    undefined,
    1_000,
    undefined,
    undefined,
    100,
    200,
    500,
  ])
  expect([paceFor(499, 100), paceFor(400, 100), paceFor(399, 100)]).toEqual([100, 100, undefined])
  expect([paceFor(1_001, 100), paceFor(999, 200), paceFor(799, 200)]).toEqual([200, 200, 100])
})
