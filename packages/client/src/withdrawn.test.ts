import type { Refusal } from '@app/protocol'
import { scriptedEdges } from '@app/testkit'
import { expect, test } from 'vitest'
import { Client } from './client.ts'
import type { RoomCount } from './presence.ts'

const key = 'pr:room-1'

/** What the server says when I may not do this in the room (any more). */
const no = (event: string, n?: number): Refusal => ({
  event,
  room: key,
  code: 'not-allowed',
  message: 'Not here.',
  canRetry: false,
  ...(n === undefined ? {} : { n }),
})

/** A connected client that listens to a room. */
async function open() {
  const edges = scriptedEdges()
  const { server, clock } = edges
  const client = new Client({ user: { id: 'ada' } }, edges)
  const errors: (string | undefined)[][] = []
  client.onError(({ code, room }) => errors.push([code, room]))
  client.connect()
  await server.connected()
  const room = client.presence(key)
  /** Of each onChange, who left it and why, and who is here. */
  const log: { left: string[]; here: number[] }[] = []
  room.onChange((entries, { left }) =>
    log.push({ left: left.map(({ clientId, reason }) => `${clientId} ${reason}`), here: [...entries.keys()] }),
  )
  const reconnect = async () => {
    server.drop()
    clock.advance(0)
    await server.connected()
  }
  const enters = () => server.sent('enter').length
  return { ...edges, client, room, log, errors, reconnect, enters, me: client.clientId }
}

test('[S5] the others of a room that I may not read any more are gone in one onChange, mine stays, and I am told', async () => {
  const { room, server, log, errors, clock, enters } = await open()
  room.track('mine')
  server.put(key, 8, 'x')
  server.put(key, 9, 'y')
  log.length = 0
  server.refuse(no('enter'))
  expect(room.status).toBe('refused')
  expect(log).toEqual([{ left: ['8 refused', '9 refused'], here: [7] }])
  expect(errors).toEqual([['not-allowed', key]])
  // What is still said of it changes nothing, and it is not asked for again.
  server.put(key, 10, 'z')
  clock.advance(600_000)
  expect(log).toHaveLength(1)
  expect(enters()).toBe(1)
})

test('[A2] an entry that I may not write any more goes in one onChange, whatever comes first, and its track is stopped', async () => {
  const delta = ({ server }: Opened) => server.remove(key, 7, 'refused')
  const refusal = ({ server }: Opened) => server.refuse(no('p', 1))
  for (const order of [[delta, refusal], [refusal, delta], [refusal]]) {
    const opened = await open()
    const { client, room, server, log, errors, clock, reconnect } = opened
    const track = room.track('mine')
    log.length = 0
    for (const step of order) step(opened)
    expect(log).toEqual([{ left: ['7 refused'], here: [] }])
    expect([room.status, errors]).toEqual(['live', [['not-allowed', key]]])
    expect(client.inspect().rooms[0]?.tracks).toBe(0)
    server.remove(key, 7, 'refused')
    clock.advance(60_000)
    await reconnect()
    expect([server.puts(key).length, room.value().size]).toEqual([1, 0])
    track.update('again')
    expect(server.puts(key).map(([, , , , data]) => data)).toEqual(['mine', 'again'])
  }
})

type Opened = Awaited<ReturnType<typeof open>>

test('[A2] a track that is updated after its refusal is not stopped by the delta that tells of it', async () => {
  const { client, room, server } = await open()
  const track = room.track('mine')
  server.refuse(no('p', 1))
  server.answers = false
  track.update('again')
  server.remove(key, 7, 'refused')
  expect([client.inspect().rooms[0]?.tracks, room.value().get(7)?.data]).toEqual([1, 'again'])
})

test('[A2] a heartbeat that I may not write any more goes like a track', async () => {
  const { room, server, log, reconnect } = await open()
  room.heartbeat('mine', 600_000)
  log.length = 0
  server.refuse(no('p', 1))
  server.remove(key, 7, 'refused')
  await reconnect()
  expect(log).toEqual([{ left: ['7 refused'], here: [] }])
  expect(server.puts(key)).toHaveLength(1)
})

test('[A2] an entry whose renewal only a "k" has confirmed goes with its refusal too', async () => {
  const { room, server, log, clock } = await open()
  room.heartbeat('mine', 600_000)
  server.answers = false
  clock.advance(100)
  room.heartbeat('mine', 600_000)
  server.taken(key, 2)
  log.length = 0
  server.refuse(no('p', 2))
  expect(log).toEqual([{ left: ['7 refused'], here: [] }])
})

test('[A2] [S5] a room that I may neither read nor write any more is empty, and none of my tracks runs', async () => {
  const { client, room, server, log, clock } = await open()
  room.track('mine')
  server.put(key, 9, 'theirs')
  log.length = 0
  server.refuse(no('enter'))
  server.refuse(no('p', 1))
  clock.advance(60_000)
  expect(log.map(({ left }) => left)).toEqual([['9 refused'], ['7 refused']])
  expect([room.value().size, client.inspect().rooms[0]?.tracks, server.puts(key).length]).toEqual([0, 0, 1])
})

test('[A2] a put that is under way when the one before is taken away waits for its own refusal', async () => {
  const { room, server, log, clock } = await open()
  room.track('one').update('two')
  server.answers = false
  clock.advance(100)
  log.length = 0
  server.refuse(no('p', 1))
  server.remove(key, 7, 'refused')
  expect(room.value().get(7)?.data).toBe('two')
  server.refuse(no('p', 2))
  expect(log).toEqual([{ left: ['7 refused'], here: [] }])
})

test('[S5] who logs in anew is asked into the rooms that were not allowed, and no stopped track starts again', async () => {
  const { client, room, server, log, enters } = await open()
  const track = room.track('mine')
  server.put(key, 9, 'theirs')
  server.remove(key, 7, 'refused')
  server.refuse(no('p', 1))
  server.refuse(no('enter'))
  log.length = 0
  await client.reauthenticate({ user: { id: 'grace' } })
  expect([enters(), room.status]).toEqual([2, 'live'])
  expect(log).toEqual([{ left: [], here: [9] }])
  expect(server.puts(key)).toHaveLength(1)
  track.update('again')
  expect(room.value().get(7)).toMatchObject({ data: 'again' })
  // A room that is read is not entered again by a login.
  await client.reauthenticate({ user: { id: 'ada' } })
  expect(enters()).toBe(2)
})

test('[A2] a login that is refused asks for no room again', async () => {
  const { client, room, server, enters, errors } = await open()
  server.refuse(no('enter'))
  server.answers = false
  const login = client.reauthenticate({ token: 'bad' })
  await Promise.resolve()
  await Promise.resolve()
  const [, id] = server.sent('auth')[0]!
  server.refuse({ event: 'auth', id, code: 'unauthorized', message: 'No.', canRetry: false })
  await expect(login).rejects.toMatchObject({ code: 'unauthorized' })
  expect([enters(), room.status]).toEqual([1, 'refused'])
  expect(errors.map(([code]) => code)).toEqual(['not-allowed', 'unauthorized'])
})

test('[S5] a room that is not allowed is entered by the next connection, and one with a wrong key by no login', async () => {
  const { client, server, enters, reconnect, room } = await open()
  server.refuse({ ...no('enter'), code: 'bad-key' })
  await client.reauthenticate()
  expect([enters(), room.status]).toEqual([1, 'refused'])
  server.refuse(no('enter'))
  await reconnect()
  expect([enters(), room.status]).toEqual([2, 'live'])
})

test('[A2] who is in too many rooms is let into one more when the server says so', async () => {
  const { room, server, clock, enters, errors } = await open()
  server.refuse({ ...no('enter'), code: 'too-many-rooms', canRetry: true, retryAfterMs: 10_000 })
  expect([room.status, errors]).toEqual(['refused', [['too-many-rooms', key]]])
  clock.advance(9_999)
  expect(enters()).toBe(1)
  clock.advance(1)
  expect([enters(), room.status]).toEqual([2, 'live'])
})

/** A connected client that counts the room, and another one's entry in it. */
async function openCount() {
  const opened = await open()
  const { client, server } = opened
  server.put(key, 9, 'theirs')
  const told: (RoomCount | null)[] = []
  const stop = client.count(key).onChange((value) => told.push(value))
  expect(told).toEqual([{ users: 1, clients: 1 }])
  told.length = 0
  const asked = () => server.sent('count').length
  return { ...opened, count: client.count(key), told, asked, stop }
}

test('[S5] a count that I may not have any more is null, also for who asks then, until the next login or connection', async () => {
  const { client, count, server, told, asked, errors, clock, reconnect, enters } = await openCount()
  server.refuse(no('count'))
  expect([told, count.value(), errors]).toEqual([[null], null, [['not-allowed', key]]])
  count.onChange(() => {})
  clock.advance(600_000)
  expect(asked()).toBe(1)
  await client.reauthenticate({ user: { id: 'grace' } })
  expect([asked(), told.at(-1)]).toEqual([2, { users: 1, clients: 1 }])
  await client.reauthenticate({ user: { id: 'ada' } })
  expect(asked()).toBe(2)
  server.refuse(no('count'))
  await reconnect()
  expect([asked(), told.at(-1)]).toEqual([3, { users: 1, clients: 1 }])
  // The room itself was never refused.
  expect(enters()).toBe(2)
})

test('[A2] a count that is refused for now is asked for again, unless nobody listens any more', async () => {
  const { server, clock, asked, told, stop, reconnect } = await openCount()
  const later: Refusal = { ...no('count'), code: 'too-many-rooms', canRetry: true, retryAfterMs: 10_000 }
  server.refuse(later)
  clock.advance(10_000)
  expect([asked(), told]).toEqual([2, [null, { users: 1, clients: 1 }]])
  // A new connection does not wait, nor ask twice.
  server.refuse(later)
  await reconnect()
  clock.advance(10_000)
  expect(asked()).toBe(3)
  server.refuse({ ...later, retryAfterMs: 500 })
  stop()
  clock.advance(500)
  expect(asked()).toBe(3)
})

test('a count that nobody listens to any more leaves no timer behind', async () => {
  const { server, clock, stop } = await openCount()
  const before = clock.pending
  server.refuse({ ...no('count'), code: 'internal', canRetry: true, retryAfterMs: 60_000 })
  stop()
  clock.advance(1_000)
  expect(clock.pending).toBe(before)
})
