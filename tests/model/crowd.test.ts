import { expect, test } from 'vitest'
import { ModelClient } from './client.ts'
import { World } from './world.ts'

const key = 'pr:atelier'

test('[R5] a thousand clients come back from a restart spread over the window, each with one snapshot', async () => {
  const world = new World(1, 0)
  const clients = Array.from({ length: 1_000 }, (_, i) => new ModelClient(i + 1, world, [key]))
  // One in ten is seen, all listen: a million entries would cost memory and show nothing more.
  for (const [i, { rooms }] of clients.entries()) {
    rooms[0]?.room.onStatus(() => {})
    if (i % 10 === 0) rooms[0]?.room.track(0)
  }
  await world.advance(1_000)
  expect(clients.every((client) => client.isConnected)).toBe(true)

  const hellosAtMs: number[] = []
  let snapshots = 0
  world.server.stop('closes')
  world.server.start('fresh')
  const restartedAtMs = world.timeline.nowMs
  world.network.onMessage = ([event]) => {
    if (event === 'hello') hellosAtMs.push(world.timeline.nowMs - restartedAtMs)
    if (event === 's') snapshots++
  }
  await world.advance(10_000)

  // 1 000 × 5 ms, and at most a third of the grace: five seconds.
  const windowMs = 5_000
  const bins = Array.from({ length: 10 }, () => 0)
  for (const atMs of hellosAtMs) bins[Math.floor((atMs / windowMs) * 10)]!++
  console.info(`came back in each tenth of the window: ${bins.join(' ')}`)
  expect(hellosAtMs.length).toBe(1_000)
  expect(Math.max(...hellosAtMs)).toBeLessThan(windowMs)
  // 100 are expected in each; fewer than 60 or more than 140 have a chance of one in ten thousand.
  expect(bins.every((count) => count > 60 && count < 140)).toBe(true)
  expect(snapshots).toBe(1_000)
  for (const { rooms } of clients) expect(rooms[0]?.room.value().size).toBe(100)
})
