import { FakeClock } from '@app/testkit'
import { expect, test } from 'vitest'
import { ServerClock } from './server-clock.ts'

test('[C1] starts with the system’s clock and goes on with the monotonic one', () => {
  const clock = new FakeClock(1_000_000)
  const server = new ServerClock(clock)
  expect(server.nowMs()).toBe(1_000_000)
  clock.advance(1_234)
  expect(server.nowMs()).toBe(1_001_234)
})

test('[C1] a step of the system’s clock moves it by at most 1 ms a second', () => {
  const clock = new FakeClock(1_000_000)
  const server = new ServerClock(clock)
  clock.jumpWall(3_600_000)
  expect(server.nowMs()).toBe(1_000_000)
  clock.advance(10_000)
  expect(server.nowMs()).toBe(1_010_010)
})

test('[C1] a step back never makes it go back', () => {
  const clock = new FakeClock(1_000_000)
  const server = new ServerClock(clock)
  clock.jumpWall(-60_000)
  let beforeMs = server.nowMs()
  // So finely that being led back shows.
  for (let i = 0; i < 60_000; i++) {
    clock.advance(0.03)
    const nowMs = server.nowMs()
    expect(nowMs).toBeGreaterThanOrEqual(beforeMs)
    beforeMs = nowMs
  }
})

test('[C1] it meets the system’s clock again and stays there', () => {
  const clock = new FakeClock(1_000_000)
  const server = new ServerClock(clock)
  clock.jumpWall(5)
  clock.advance(60_000)
  expect(server.nowMs()).toBe(clock.wallMs())
})
