import { expect, test } from 'vitest'
import { warmUpSeconds } from './stage.ts'

test('a warm server warms up for a third of the time, and nobody for much longer than is measured', () => {
  expect(warmUpSeconds(false, 1.2)).toBe(1.8)
  expect(warmUpSeconds(true, 1.2)).toBeCloseTo(0.6)
  expect(warmUpSeconds(true, 1.5, 4)).toBeCloseTo(1.33)
  expect(warmUpSeconds(false, 0.2)).toBeCloseTo(0.8)
})
