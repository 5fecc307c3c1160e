import { scriptedEdges } from '@app/testkit'
import { expect, test } from 'vitest'
import { Client } from './client.ts'

/*
 * What the model in tests/model found in the client, each as the shortest story that shows it.
 */

const key = 'pr:room-1'

async function open(isConnected = true) {
  const edges = scriptedEdges()
  const client = new Client({}, edges)
  client.onError(() => {})
  if (isConnected) {
    client.connect()
    await edges.server.connected()
  }
  const reconnect = async () => {
    edges.clock.advance(0)
    await edges.server.connected()
  }
  return { ...edges, client, room: client.presence(key), me: client.clientId, reconnect }
}

test('[S1] a put made by a listener that hears of the hello does not enter the room twice', async () => {
  const { client, room, server } = await open(false)
  room.onChange(() => {})
  client.onStatus((status) => {
    if (status === 'connected') room.track('here')
  })
  server.answers = false
  await server.connected()
  server.hello({ user: { id: 'ada' } })
  expect(server.sent('enter').length).toBe(1)
})

test("[P5] the server's joinedAtMs counts also when the row that tells it is of an older put of mine", async () => {
  const { room, server, clock, me } = await open()
  room.onChange(() => {})
  server.answers = false
  room.track({ x: 1 })
  clock.advance(100)
  room.track({ x: 2 })
  server.say(['d', 1, 1, 2, [], [], [[1, me, 1, { x: 1 }, 0, 30_000, 1_234]]])
  expect(room.value().get(me)).toMatchObject({ data: { x: 2 }, joinedAtMs: 1_234 })
  server.taken(key, 2)
  expect(room.value().get(me)?.joinedAtMs).toBe(1_234)
})

test('[P5] a correction of the clock does not move the joinedAtMs that the server has told', async () => {
  const { room, server, clock, me, reconnect } = await open()
  room.onChange(() => {})
  room.track('x')
  const joinedAtMs = room.value().get(me)?.joinedAtMs
  server.drop()
  server.answers = false
  await reconnect()
  server.hello()
  server.snapshot(key)
  server.say(['t', 3, clock.wallMs() + 500])
  expect(room.value().get(me)?.joinedAtMs).toBe(joinedAtMs)
})

test('[L4] a client that was closed without a connection says goodbye when it is opened again', async () => {
  const { client, room, server, clock } = await open()
  room.track('x')
  server.drop()
  client.close()
  client.connect()
  await server.connected()
  expect(server.received.filter(([event]) => event === 'bye').length).toBe(1)
  room.heartbeat('y', 5_000)
  server.drop()
  clock.advance(0)
  await server.connected()
  expect(server.received.filter(([event]) => event === 'bye').length).toBe(1)
})

test('[P8] [P12] update(fn) gets my present data also when it is null', async () => {
  const { room } = await open()
  const first = room.track({ x: 1 })
  room.track(null)
  const seen: unknown[] = []
  first.update((current: unknown) => {
    seen.push(current)
    return { x: 2 }
  })
  expect(seen).toEqual([null])
})

test("[P5] [P2] without a connection the deadline of another's held entry stands still between whole milliseconds too", async () => {
  const { client, room, server, clock } = await open()
  room.onChange(() => {})
  clock.advance(0.375)
  server.put(key, 9, 'x')
  server.drop()
  clock.advance(1)
  const expiresAtMs = room.value().get(9)?.expiresAtMs
  for (let eighths = 0; eighths < 8; eighths++) {
    clock.stall(0.125)
    expect(room.value().get(9)?.expiresAtMs).toBe(expiresAtMs)
  }
  expect(expiresAtMs).toBe(client.now() - 2 + 30_000)
})

test('[P1] a shorter lease that ran out before it could be sent ends the longer one that the server has', async () => {
  const { client, room, server, clock, me } = await open()
  room.onChange(() => {})
  room.heartbeat('x', 60_000)
  room.heartbeat('x', 1_000)
  // A hidden tab: the timer that would send it is as late as the one that ends it.
  clock.stall(1_001)
  expect(room.value().has(me)).toBe(false)
  expect(server.sent('l').length).toBe(1)
  clock.advance(60_000)
  expect(server.puts(key).length).toBe(1)
  client.close()
})

test('a put that was under way when the operator took my entry away does not bring it back', async () => {
  const { room, server, clock, me } = await open()
  room.onChange(() => {})
  room.track({ x: 1 })
  server.answers = false
  clock.advance(33)
  room.track({ x: 2 })
  server.refuse({ event: 'kick', code: 'kicked', message: 'Gone.', canRetry: false, room: key })
  expect(room.value().has(me)).toBe(false)
  expect(server.sent('l')).toEqual([['l', 1, 3]])
  server.say(['d', 1, 2, 3, [], [[1, 'kicked']], [[2, me, 2, { x: 2 }, 0, 30_000, clock.wallMs()]]])
  expect(room.value().has(me)).toBe(false)
})

test('[S2] a room that was exited does not keep a lost message from being found within the minute', async () => {
  const { client, room, server, clock } = await open()
  room.onChange(() => {})
  client.presence('pr:room-2').value()
  clock.advance(30_000)
  expect(server.sent('exit').length).toBe(1)
  server.received.length = 0
  server.say(['v', 1])
  expect(server.sent('enter').length).toBe(1)
})

test('[S2] a hash that may count a room just exited is not judged', async () => {
  const { client, room, server, clock } = await open()
  room.onChange(() => {})
  client.presence('pr:room-2').value()
  server.answers = false
  clock.advance(30_000)
  const entered = server.sent('enter').length
  server.say(['v', 1])
  expect(server.sent('enter').length).toBe(entered)
  server.say(['t', server.sent('t').at(-1)?.[1] ?? 0, clock.wallMs()])
  server.say(['v', 1])
  expect(server.sent('enter').length).toBe(entered + 1)
})

test('[P1] a lease that a message finds run out is ended as one that a timer does', async () => {
  const { room, server, clock, me } = await open()
  room.onChange(() => {})
  room.heartbeat('x', 60_000)
  server.answers = false
  room.heartbeat('x', 1_000)
  // A page that was frozen: what waited for it comes before its timers.
  clock.stall(1_001)
  server.say(['d', 1, 2, 3, [], [], [], [[1, 1, clock.wallMs() + 58_999, 0]]])
  expect(room.value().has(me)).toBe(false)
  expect(server.sent('l').length).toBe(1)
  expect(server.puts(key).length).toBe(1)
})

test('[R3] [P7] a confirmed heartbeat that a crashed server has forgotten replaces the older put that it still has', async () => {
  const { room, server, clock, me, reconnect } = await open()
  room.onChange(() => {})
  room.track('old')
  clock.advance(33)
  room.heartbeat('new', 25_000)
  clock.advance(5_000)
  server.drop()
  server.answers = false
  server.epoch = 'epoch-2'
  await reconnect()
  server.received.length = 0
  server.hello()
  server.say(['s', key, 1, 'epoch-2', 1, [[1, me, 1, 'old', 0, 30_000, clock.wallMs() - 5_033]]])
  expect(server.puts(key)).toEqual([[1, 2, 20_000, 0, 'new']])
  expect(room.value().get(me)?.data).toBe('new')
})

test('[C1] an entry that a first estimate of the clock took for over is shown once a better one says that it is not', async () => {
  const { room, server, clock } = await open()
  room.onChange(() => {})
  const told: number[][] = []
  room.onChange((entries) => told.push([...entries.keys()]))
  server.answers = false
  server.hello()
  server.say(['s', key, 1, server.epoch, 2, [[1, 9, 1, 'x', clock.wallMs() - 10, 0, clock.wallMs() - 1_000]]])
  expect(room.value().has(9)).toBe(false)
  server.say(['t', server.sent('t').at(-1)?.[1] ?? 0, clock.wallMs() - 100])
  expect(room.value().has(9)).toBe(true)
  expect(told).toEqual([[9]])
})

test('[C1] a machine that slept for so short that its connection lives finds the time again within a minute', async () => {
  const { client, room, server, clock } = await open()
  room.onChange(() => {})
  clock.advance(30_000)
  // Its monotonic clock stood still meanwhile, the server's went on.
  clock.jumpWall(15_000)
  expect(client.now()).toBe(clock.wallMs() - 15_000)
  server.say(['v', 0])
  expect(client.now()).toBe(clock.wallMs())
})

test("[C1] a server's clock that is led back to its system's is followed on a connection that lives for long", async () => {
  const { client, room, server, clock } = await open()
  room.onChange(() => {})
  for (let minutes = 0; minutes < 600; minutes++) {
    clock.advance(60_000)
    clock.jumpWall(-60)
    server.say(['v', 0])
  }
  expect(Math.abs(client.now() - clock.wallMs())).toBeLessThanOrEqual(1)
})

test('[C1] a question about the time that comes between does not cost those that were to follow', async () => {
  const { server, page, client } = await open(false)
  server.answers = false
  client.connect()
  await server.connected()
  server.hello()
  page.hint()
  for (let answered = 0; answered < 3; answered++) server.say(['t', server.sent('t').at(-1)?.[1] ?? 0, Date.now()])
  // One at the hello, one at the hint, and the two that were to follow the first.
  expect(server.sent('t').length).toBe(4)
})
