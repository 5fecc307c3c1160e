import type { Message } from '@app/protocol'
import { expect, test } from 'vitest'
import { ModelClient } from './client.ts'
import { World } from './world.ts'

const key = 'pr:atelier'

test('[L2] in ten minutes a quiet room of 100 tracked clients exchanges no room message, and everybody stays', async () => {
  const world = new World(1, 0)
  const clients = Array.from({ length: 100 }, (_, i) => new ModelClient(i + 1, world, [key]))
  for (const { rooms } of clients) {
    rooms[0]?.room.onChange(() => {})
    rooms[0]?.room.track({ x: 1 })
  }
  await world.advance(30_000)

  const heard = new Map<string, number>()
  world.network.onMessage = ([event]: Message) => heard.set(event, (heard.get(event) ?? 0) + 1)
  await world.advance(10 * 60_000)

  // One hash of versions, about once a minute, is all that each is told (S2); it asks the time then (C1).
  const { v: hashes = 0, t: times = 0, ...others } = Object.fromEntries(heard)
  expect(others).toEqual({})
  expect(hashes).toBeLessThan(100 * 12)
  expect(times).toBe(2 * hashes)
  for (const { rooms } of clients) expect(rooms[0]?.room.value().size).toBe(100)
})
