import { expect, test } from 'vitest'
import { flushAtMs, flushBeforeMs, renewalFlushAtMs } from './flush-time.ts'

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
