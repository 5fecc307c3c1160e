import type { Message } from '@app/protocol'
import { beforeEach, expect, test } from 'vitest'
import { ModelClient } from './client.ts'
import { World } from './world.ts'

/*
 * What things cost on the wire, counted with real clients and the real server: messages, and bytes of JSON.
 */

const key = 'pr:atelier'
const size = 20
const point = (n: number) => ({ x: 1_000 + n, y: 2_000 - n })

let world: World
let clients: ModelClient[]

const roomOf = (client: ModelClient) => client.rooms[0]!.room
const newClient = (id: number) => new ModelClient(id, world, [key])

/** What `run` sends over the wire, by event: how many, and how many bytes. */
async function traffic(run: () => Promise<void> | void): Promise<Record<string, { count: number; bytes: number }>> {
  const events: Record<string, { count: number; bytes: number }> = {}
  world.network.onMessage = (message: Message) => {
    const told = (events[message[0]] ??= { count: 0, bytes: 0 })
    told.count++
    told.bytes += JSON.stringify(message).length
  }
  await run()
  world.network.onMessage = () => {}
  return events
}

beforeEach(async () => {
  world = new World(1, 0)
  clients = Array.from({ length: size }, (_, i) => newClient(i + 1))
})

/** All are in the room, each with what `put` puts, and have nothing more to say. */
async function settle(put: (client: ModelClient, index: number) => void): Promise<void> {
  for (const [index, client] of clients.entries()) {
    roomOf(client).onChange(() => {})
    put(client, index)
  }
  await world.advance(30_000)
}

async function trackAll() {
  const tracks = new Map<ModelClient, { update: (data: unknown) => void }>()
  await settle((client, index) => tracks.set(client, roomOf(client).track(point(index))))
  return (client: ModelClient, data: unknown) => tracks.get(client)?.update(data)
}

test('an update is one message up, and one down to each', async () => {
  const update = await trackAll()
  const events = await traffic(async () => {
    update(clients[0]!, point(100))
    await world.advance(1_000)
  })
  expect(events).toEqual({
    // ["p",[[1,2,30000,1,{"x":1100,"y":1900}]]]
    p: { count: 1, bytes: 41 },
    // ["d",1,1,2,[[["x","y"],1,1,1100,1900]]]
    d: { count: size, bytes: size * 39 },
  })
})

test('updates of everybody are gathered: one message to each per flush, and few bytes an update', async () => {
  const update = await trackAll()
  const events = await traffic(async () => {
    for (let step = 0; step < 20; step++) {
      for (const [index, client] of clients.entries()) update(client, point(index + step + 1))
      await world.advance(50)
    }
    await world.advance(100)
  })
  const { p, d, ...others } = events
  expect(others).toEqual({})
  expect(p?.count).toBe(20 * size)
  // A flush every 33 ms at most.
  expect(d?.count).toBe(30 * size)
  // Slot, step and two numbers of four digits, and the commas between them.
  expect(d!.bytes / (20 * size * size)).toBeLessThan(17)
})

test('[P5] what does not change is not sent', async () => {
  const update = await trackAll()
  const { v, t, ...others } = await traffic(async () => {
    for (const [index, client] of clients.entries()) update(client, point(index))
    await world.advance(10_000)
  })
  expect(others).toEqual({})
  expect(t?.count).toBe(2 * (v?.count ?? 0))
})

test('a join is one snapshot for who comes, and one row for each of the others', async () => {
  await trackAll()
  const events = await traffic(async () => {
    const late = newClient(size + 1)
    roomOf(late).onChange(() => {})
    roomOf(late).track(point(0))
    await world.advance(3_000)
  })
  const { hello, enter, p, s, d, t, ...others } = events
  expect(others).toEqual({})
  expect([hello?.count, enter?.count, p?.count, s?.count, d?.count]).toEqual([1, 1, 1, 1, size + 1])
  // Three questions for the time, each with its answer (C1).
  expect(t?.count).toBe(6)
  expect(s!.bytes / size).toBeLessThan(90)
  expect(d!.bytes / (size + 1)).toBeLessThan(110)
})

test('a leave is one message up, its confirmation, and one row for each of the others', async () => {
  await trackAll()
  const events = await traffic(async () => {
    roomOf(clients[0]!).leave()
    await world.advance(1_000)
  })
  expect(events).toEqual({
    l: { count: 1, bytes: 9 },
    k: { count: 1, bytes: 20 },
    // ["d",1,1,2,[],[[1,"left"]]]
    d: { count: size, bytes: size * 27 },
  })
})

test('[P5] renewals of a second are gathered into one message to each', async () => {
  await settle((client) => roomOf(client).heartbeat('here', 3_600_000))
  const events = await traffic(async () => {
    for (const client of clients) {
      roomOf(client).heartbeat('here', 3_600_000)
      await world.advance(20)
    }
    await world.advance(2_000)
  })
  expect(events).toEqual({
    p: { count: size, bytes: expect.any(Number) },
    d: { count: size, bytes: expect.any(Number) },
  })
})

test('[L2] [S2] [C1] a quiet minute costs each tracked client a hash of versions and the time, and nothing else', async () => {
  await trackAll()
  const events = await traffic(() => world.advance(10 * 60_000))
  const { v, t, ...others } = events
  expect(others).toEqual({})
  expect(v!.count / size).toBeLessThanOrEqual(11)
  expect(v!.bytes / v!.count).toBeLessThan(20)
  expect(t!.count).toBe(2 * v!.count)
})
