import { expect, test } from 'vitest'
import { reconnectWindowMs } from './reconnect-window.ts'

test('[R5] the window grows by 5 ms a client, from 500 ms to a third of the grace', () => {
  expect(reconnectWindowMs(1, 15_000)).toBe(500)
  expect(reconnectWindowMs(400, 15_000)).toBe(2_000)
  expect(reconnectWindowMs(10_000, 15_000)).toBe(5_000)
})

test('[R5] it ends at 5 s without a grace, and never takes more than a third of a short one', () => {
  expect(reconnectWindowMs(10_000, 0)).toBe(5_000)
  expect(reconnectWindowMs(1, 900)).toBe(300)
})
