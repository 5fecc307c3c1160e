import { scriptedEdges } from '@app/testkit'
import { expect, test, vi } from 'vitest'
import { Client } from './client.ts'
import type { RoomCount } from './presence.ts'

const key = 'pr:room-1'

/** A client that counts a room, connected. */
async function open() {
  const edges = scriptedEdges()
  const client = new Client({}, edges)
  const count = client.count(key)
  const told: (RoomCount | null)[] = []
  const listen = () => count.onChange((value) => told.push(value))
  /** The client's messages, without questions for the time. */
  const wire = () => edges.server.received.filter(([event]) => event !== 't')
  client.connect()
  await edges.server.connected()
  const reconnect = async () => {
    edges.clock.advance(0)
    await edges.server.connected()
  }
  return { ...edges, client, count, told, listen, wire, reconnect }
}

test('[U2] a count is what the server says, null before, and its room is not entered', async () => {
  const { server, client, count, told, listen, wire } = await open()
  expect(count.value()).toBeNull()
  server.answers = false
  listen()
  expect(count.value()).toBeNull()
  server.say(['c', key, 0, 0])
  const nobody = count.value()
  expect(nobody).toEqual({ users: 0, clients: 0 })
  server.say(['c', key, 0, 0])
  expect(count.value()).toBe(nobody)
  server.say(['c', key, 1, 2])
  server.say(['c', 'pr:another', 9, 9])
  expect(told).toEqual([
    { users: 0, clients: 0 },
    { users: 1, clients: 2 },
  ])
  expect(client.count(key).value()).toBe(count.value())
  expect(wire()).toEqual([['count', key]])
  expect(client.inspect().rooms).toEqual([])
  expect(client.inspect().counts).toEqual([{ key, count: { users: 1, clients: 2 }, listeners: 1 }])
})

test('however many listen to a count, the server is asked once, and told when the last is gone for a second', async () => {
  const { clock, client, count, listen, wire } = await open()
  const stops = [listen(), listen(), client.count(key).onChange(() => {})]
  stops[0]?.()
  stops[0]?.()
  clock.advance(60_000)
  stops[1]?.()
  stops[2]?.()
  listen()()
  clock.advance(999)
  const stop = listen()
  clock.advance(60_000)
  expect(wire()).toEqual([['count', key]])
  stop()
  clock.advance(1_000)
  expect(wire()).toEqual([
    ['count', key],
    ['uncount', key],
  ])
  expect(count.value()).toBeNull()
  expect(client.inspect().counts).toEqual([])
  expect(clock.pending).toBe(0)
  listen()
  expect(wire().length).toBe(3)
})

test('while the connection is lost the last count stays, and the next connection asks again', async () => {
  const { server, count, told, listen, wire, reconnect } = await open()
  listen()
  server.say(['c', key, 3, 4])
  const before = count.value()
  server.drop()
  expect(count.value()).toBe(before)
  server.answers = false
  await reconnect()
  server.hello()
  expect(wire()).toEqual([
    ['count', key],
    ['count', key],
  ])
  server.say(['c', key, 3, 4])
  expect(count.value()).toBe(before)
  expect(told).toEqual([
    { users: 0, clients: 0 },
    { users: 3, clients: 4 },
  ])
})

test('who stops to listen while the connection is lost is not counted for by the next one', async () => {
  const { server, clock, listen, wire, reconnect } = await open()
  const stop = listen()
  server.drop()
  stop()
  await reconnect()
  clock.advance(5_000)
  expect(wire()).toEqual([['count', key]])
})

test('the first listener connects, and a closed client knows no count until it is connected again', async () => {
  const edges = scriptedEdges()
  const client = new Client({}, edges)
  const count = client.count(key)
  expect(client.status).toBe('idle')
  const told: (RoomCount | null)[] = []
  count.onChange((value) => told.push(value))
  await edges.server.connected()
  client.close()
  expect(count.value()).toBeNull()
  client.connect()
  await edges.server.connected()
  expect(told).toEqual([{ users: 0, clients: 0 }, null, { users: 0, clients: 0 }])
})

test('[P10] a listener of a count that throws disturbs no other', async () => {
  vi.useFakeTimers()
  try {
    const { server, count, told, listen } = await open()
    const error = new Error('a listener fails')
    server.answers = false
    count.onChange(() => {
      throw error
    })
    listen()
    server.say(['c', key, 1, 1])
    expect(told.length).toBe(1)
    expect(() => vi.runAllTimers()).toThrow(error)
  } finally {
    vi.useRealTimers()
  }
})

test('a key that is none cannot be counted', async () => {
  const { client } = await open()
  expect(() => client.count('room-1')).toThrow(expect.objectContaining({ code: 'bad-key' }))
})
