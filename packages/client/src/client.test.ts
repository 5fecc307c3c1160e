import type { Refusal } from '@app/protocol'
import { scriptedEdges } from '@app/testkit'
import { expect, test, vi } from 'vitest'
import { Client } from './client.ts'
import type { PresenceChange, PresenceClientOptions, PresenceEntries } from './presence.ts'

const key = 'pr:room-1'

/** A client with its scripted server, connected unless said otherwise. */
async function open(options: PresenceClientOptions = {}, connect = true) {
  const edges = scriptedEdges()
  const client = new Client(options, edges)
  const errors: string[] = []
  client.onError((error) => errors.push(error.code))
  if (connect) {
    client.connect()
    await edges.server.connected()
  }
  const room = client.presence(key)
  const log: { entries: PresenceEntries; change: PresenceChange }[] = []
  const listen = () => room.onChange((entries, change) => log.push({ entries, change }))
  /** Lets the connection be tried again, and the client say hello. */
  const reconnect = async () => {
    edges.clock.advance(0)
    await edges.server.connected()
  }
  return { ...edges, client, room, log, listen, errors, reconnect, me: client.clientId }
}

test('[P1] a heartbeat shows in my own value at once, before the first connection too', async () => {
  const { client, room, server, me } = await open({ autoConnect: false }, false)
  room.heartbeat({ status: 'online' }, 30_000)
  expect(room.value().get(me)?.data).toEqual({ status: 'online' })
  expect(client.status).toBe('idle')

  client.connect()
  await server.connected()
  expect(server.puts(key)).toEqual([[1, 1, 30_000, 0, { status: 'online' }]])
})

test('[P1] the echo of an older call of mine never shows over a newer one', async () => {
  const { room, server, log, listen, clock, me } = await open()
  listen()
  server.answers = false
  room.heartbeat('first', 30_000)
  clock.advance(33)
  room.heartbeat('second', 30_000)
  log.length = 0
  server.say(['d', 1, 1, 2, [], [], [[1, me, 1, 'first', clock.wallMs() + 30_000, 0, clock.wallMs()]]])
  expect(room.value().get(me)?.data).toBe('second')
  expect(log).toEqual([])
  server.say(['d', 1, 2, 3, [[1, 2, 'second', clock.wallMs() + 30_000]]])
  expect(log).toEqual([])
})

test('[P1] a later heartbeat replaces the lease too, by a shorter one as well', async () => {
  const { room, clock, me } = await open()
  room.heartbeat('x', 60_000)
  clock.advance(100)
  room.heartbeat('x', 2_000)
  expect(room.value().get(me)?.expiresAtMs).toBe(clock.wallMs() + 2_000)
})

test('[P2] at the deadline itself the entry is still there, a millisecond later it is not', async () => {
  const { room, server, clock, listen } = await open()
  listen()
  server.put(key, 9, 'x', { ttlMs: 5_000 })
  clock.advance(5_000)
  expect(room.value().has(9)).toBe(true)
  expect(room.value().get(9)?.expiresAtMs).toBe(clock.wallMs())
  clock.advance(1)
  expect(room.value().has(9)).toBe(false)
})

test('[P3] expiry is one event, while the network is silent', async () => {
  const { server, clock, log, listen } = await open()
  listen()
  server.put(key, 9, 'x', { ttlMs: 5_000 })
  log.length = 0
  server.received.length = 0
  clock.advance(5_001)
  expect(log.map(({ entries, change }) => [entries.size, change.left[0]?.clientId, change.left[0]?.reason])).toEqual([
    [0, 9, 'expired'],
  ])
  clock.advance(60_000)
  expect(log.length).toBe(1)
  expect(server.received).toEqual([])
})

test('[P3] my own timed entry expires by itself as well', async () => {
  const { room, clock, log, listen } = await open()
  listen()
  room.heartbeat('x', 5_000)
  clock.advance(5_001)
  expect(log.map(({ entries }) => entries.size)).toEqual([1, 0])
  expect(log[1]?.change.left[0]?.reason).toBe('expired')
})

test('[P4] value() is the same Map until something changed, and unchanged entries keep their identity', async () => {
  const { room, server, listen } = await open()
  listen()
  server.put(key, 9, 'x')
  const before = room.value()
  expect(room.value()).toBe(before)
  server.put(key, 10, 'y')
  const after = room.value()
  expect(after).not.toBe(before)
  expect(after.get(9)).toBe(before.get(9))
  expect(before.size).toBe(1)
})

test('[P4] a value() after a deadline whose timer is late lacks the entry, and onChange follows in a microtask', async () => {
  const { room, server, clock, log, listen } = await open()
  listen()
  server.put(key, 9, 'x', { ttlMs: 5_000 })
  log.length = 0
  const announced = room.announced()
  clock.stall(6_000)
  expect(room.value().size).toBe(0)
  expect(log).toEqual([])
  expect(room.announced()).toBe(announced)
  await Promise.resolve()
  expect(log.length).toBe(1)
  expect(room.announced()).toBe(room.value())
})

test('[P4] calls made inside a listener take effect at once, and are told after the present round', async () => {
  const { room, me } = await open()
  const order: string[] = []
  room.onChange((entries) => {
    order.push(`first hears ${String(entries.get(me)?.data)}`)
    if (entries.get(me)?.data === 'one') {
      room.heartbeat('two', 30_000)
      order.push(`value is ${String(room.value().get(me)?.data)}`)
    }
  })
  room.onChange((entries) => order.push(`second hears ${String(entries.get(me)?.data)}`))
  room.heartbeat('one', 30_000)
  expect(order).toEqual(['first hears one', 'value is two', 'second hears one', 'first hears two', 'second hears two'])
})

test('[P5] the same data again changes only the deadline: no event, same entry, same Map', async () => {
  const { room, server, clock, log, listen, me } = await open()
  listen()
  room.heartbeat({ a: 1 }, 30_000)
  server.put(key, 9, 'x', { ttlMs: 5_000 })
  const [map, mine, other] = [room.value(), room.value().get(me), room.value().get(9)]
  const copy = { ...other }
  const before = other?.expiresAtMs ?? 0
  log.length = 0
  clock.advance(2_000)
  room.heartbeat({ a: 1 }, 30_000)
  server.renew(key, 9, 5_000)
  expect(log).toEqual([])
  expect(room.value()).toBe(map)
  expect(room.value().get(me)).toBe(mine)
  expect(room.value().get(9)).toBe(other)
  expect(mine?.expiresAtMs).toBe(clock.wallMs() + 30_000)
  expect(other?.expiresAtMs).toBe(before + 2_000)
  expect(copy.expiresAtMs).toBe(before)
  expect(Object.keys(other ?? {})).toEqual(['clientId', 'data', 'expiresAtMs', 'joinedAtMs'])
})

test('[P5] of a held entry the deadline moves on with every packet, and only the server removes it', async () => {
  const { room, server, clock, listen, log } = await open()
  listen()
  server.put(key, 9, 'x')
  log.length = 0
  clock.advance(10_000)
  expect(room.value().get(9)?.expiresAtMs).toBe(clock.wallMs() + 20_000)
  server.packet()
  expect(room.value().get(9)?.expiresAtMs).toBe(clock.wallMs() + 30_000)
  clock.advance(31_000)
  expect(room.value().has(9)).toBe(true)
  server.remove(key, 9, 'lost')
  expect(log.map(({ change }) => change.left[0]?.reason)).toEqual(['lost'])
})

test("[P5] without a connection another's held entry ends by my own timer", async () => {
  const { room, server, clock, listen, log } = await open()
  listen()
  server.put(key, 9, 'x')
  server.answers = false
  log.length = 0
  server.drop()
  clock.advance(30_000)
  expect(room.value().has(9)).toBe(true)
  clock.advance(1)
  expect(log.map(({ change }) => change.left[0]?.reason)).toEqual(['lost'])
})

test("[P5] the server's stamp replaces my estimate of joinedAtMs in place; a changed user is an update", async () => {
  const { room, server, clock, listen, log, me } = await open()
  listen()
  server.answers = false
  room.track('x')
  const mine = room.value().get(me)
  log.length = 0
  server.say(['d', 1, 1, 2, [], [], [[1, me, 1, 'x', 0, 30_000, clock.wallMs() + 40]]])
  expect(mine?.joinedAtMs).toBe(clock.wallMs() + 40)
  expect(log).toEqual([])
  server.answers = true
  server.put(key, 9, 'y', { user: { id: 'ada' } })
  server.say(['d', 1, 3, 4, []])
  log.length = 0
  server.put(key, 9, 'y', { user: { id: 'grace' } })
  expect(log.map(({ change }) => change.updated.map(({ user }) => user?.id))).toEqual([['grace']])
})

test('[P6] leave removes my entry at once, twice is once, and it works before the first connection', async () => {
  const { room, server, client, log, listen } = await open({ autoConnect: false }, false)
  listen()
  room.heartbeat('x', 30_000)
  room.leave()
  room.leave()
  expect(room.value().size).toBe(0)
  expect(log.map(({ entries }) => entries.size)).toEqual([1, 0])
  client.connect()
  await server.connected()
  expect(server.sent('p')).toEqual([])
  expect(server.sent('l')).toEqual([])
})

test('[P6] a leave wins over an earlier heartbeat of the same millisecond', async () => {
  const { room, server, me } = await open()
  room.heartbeat('x', 30_000)
  room.heartbeat('y', 30_000)
  room.leave()
  expect(server.sent('p').length).toBe(1)
  expect(server.sent('l')).toEqual([['l', 1, 3]])
  expect(room.value().has(me)).toBe(false)
})

test('[P7] while disconnected the newest intent is kept, and what is left of its lease is sent on connect', async () => {
  const { room, server, clock, reconnect } = await open()
  room.heartbeat('x', 30_000)
  server.drop()
  room.heartbeat('y', 20_000)
  room.heartbeat('z', 10_000)
  server.received.length = 0
  clock.stall(4_000)
  await reconnect()
  expect(server.puts(key).map(([, , ttlMs, , data]) => [ttlMs, data])).toEqual([[6_000, 'z']])
})

test('[P7] nothing is sent of a lease that ran out while disconnected', async () => {
  const { room, server, clock, reconnect } = await open({}, true)
  room.value()
  server.drop()
  room.heartbeat('x', 3_000)
  server.received.length = 0
  clock.stall(3_001)
  await reconnect()
  expect(room.value().size).toBe(0)
  expect(server.sent('p')).toEqual([])
})

test('[P7] an unconfirmed put is sent again under its number, a confirmed one is not', async () => {
  const { room, server, reconnect } = await open()
  room.value()
  server.answers = false
  room.heartbeat('x', 30_000)
  server.drop()
  server.answers = true
  await reconnect()
  expect(server.puts(key).map(([, n]) => n)).toEqual([1, 1])
  server.drop()
  await reconnect()
  expect(server.puts(key).map(([, n]) => n)).toEqual([1, 1])
})

test('[P7] a leave is sent again as long as the server may still hold the entry', async () => {
  const { room, server, reconnect } = await open()
  room.heartbeat('x', 30_000)
  server.answers = false
  room.leave()
  server.drop()
  server.answers = true
  await reconnect()
  expect(server.sent('l').length).toBe(2)
  server.drop()
  await reconnect()
  expect(server.sent('l').length).toBe(2)
})

test('[P8] what JSON cannot carry or is too large throws at the call and changes nothing', async () => {
  const { room, server, log, listen, me } = await open()
  room.heartbeat('good', 30_000)
  listen()
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  const code = (run: () => void) => {
    try {
      run()
    } catch (error) {
      return (error as { code?: string }).code
    }
    return 'no error'
  }
  expect(() => room.heartbeat(1n, 30_000)).toThrowError(expect.objectContaining({ room: key }))
  for (const bad of [cycle, 1n, () => 1, Number.NaN, { x: Number.POSITIVE_INFINITY }, undefined]) {
    expect(code(() => room.heartbeat(bad, 30_000))).toBe('bad-data')
    expect(code(() => room.track(bad))).toBe('bad-data')
  }
  expect(code(() => room.heartbeat('x'.repeat(5_000), 30_000))).toBe('too-large')
  for (const ttlMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5' as unknown as number]) {
    expect(code(() => room.heartbeat('x', ttlMs))).toBe('bad-ttl')
  }
  expect(room.value().get(me)?.data).toBe('good')
  expect(log).toEqual([])
  expect(server.puts(key).length).toBe(1)
  for (const data of [null, 0, false, '']) {
    room.heartbeat(data, 30_000)
    expect(room.value().get(me)?.data).toBe(data)
  }
})

test('[P10] a listener that throws disturbs nobody: others run, the message is sent, the error surfaces on its own', async () => {
  const { room, server } = await open()
  const surfaced: unknown[] = []
  vi.stubGlobal('reportError', (error: unknown) => surfaced.push(error))
  const heard: number[] = []
  room.onChange(() => {
    throw new Error('mine')
  })
  room.onChange((entries) => heard.push(entries.size))
  room.heartbeat('x', 30_000)
  expect(heard).toEqual([1])
  expect(server.puts(key).length).toBe(1)
  expect(surfaced).toEqual([])
  await vi.waitFor(() => expect(surfaced).toEqual([new Error('mine')]))
  vi.unstubAllGlobals()
})

test('[P11] one entry and one subscription per key, however many handles; creating one has no effect', async () => {
  const { client, server } = await open()
  const [one, two] = [client.presence(key), client.presence(key)]
  expect(server.sent('enter')).toEqual([])
  one.onChange(() => {})
  two.onChange(() => {})
  two.value()
  one.track('x')
  expect(server.sent('enter')).toEqual([['enter', key]])
  expect(two.value()).toBe(one.value())
})

test('[P11] the client exits a key without listener and entry, 30 s after the last value(); exiting is not leaving', async () => {
  const { room, server, clock, client } = await open()
  const off = room.onChange(() => {})
  room.heartbeat('x', 5_000)
  room.value()
  off()
  clock.advance(29_000)
  expect(server.sent('exit')).toEqual([])
  clock.advance(2_000)
  expect(server.sent('exit')).toEqual([['exit', key]])
  expect(server.sent('l')).toEqual([])
  expect(client.inspect().rooms).toEqual([])
  room.value()
  expect(server.sent('enter').length).toBe(2)
})

test('[P11] my own entry keeps me in the room', async () => {
  const { room, server, clock } = await open()
  room.track('x')
  clock.advance(120_000)
  expect(server.sent('exit')).toEqual([])
})

test('[P12] a heartbeat or leave stops a running track, whose update starts it again', async () => {
  const { room, clock, me } = await open()
  const track = room.track('tracked')
  clock.advance(33)
  room.heartbeat('beat', 2_000)
  clock.advance(2_001)
  expect(room.value().has(me)).toBe(false)
  track.update('again')
  expect(room.value().get(me)?.data).toBe('again')
  room.leave()
  expect(room.value().has(me)).toBe(false)
  track.update((data) => `${String(data)}!`)
  expect(room.value().get(me)?.data).toBe('again!')
})

test('[P12] of several tracks the one updated last shows, then the one before it', async () => {
  const { room, me } = await open()
  const data = () => room.value().get(me)?.data
  const [one, two] = [room.track('one'), room.track('two')]
  expect(data()).toBe('two')
  one.update('one!')
  expect(data()).toBe('one!')
  one.stop()
  expect(data()).toBe('two')
  two.stop()
  expect(data()).toBeUndefined()
  one.update('late')
  expect(data()).toBeUndefined()
})

test('[P12] update(fn) gets my present data and replaces it; nothing is merged', async () => {
  const { room, me } = await open()
  const track = room.track({ x: 1, y: 2 })
  track.update((data) => ({ ...(data as object), x: 3 }))
  expect(room.value().get(me)?.data).toEqual({ x: 3, y: 2 })
  track.update({ x: 4 })
  expect(room.value().get(me)?.data).toEqual({ x: 4 })
})

test('[L1] a lost connection does not shorten a timed lease', async () => {
  const { room, server, clock, me } = await open()
  server.put(key, 9, 'x', { ttlMs: 50_000 })
  room.heartbeat('mine', 60_000)
  server.answers = false
  room.onChange(() => {})
  server.drop()
  clock.advance(49_000)
  expect(room.status).toBe('stale')
  expect(room.value().has(me)).toBe(true)
})

test('[L4] on pagehide the client leaves and disconnects, and a page that comes back connects anew', async () => {
  const { room, server, page, client, me, log, listen } = await open()
  room.track('x')
  listen()
  page.hide()
  expect(server.received.at(-1)).toEqual(['bye'])
  expect(server.isConnected).toBe(false)
  expect(client.status).toBe('reconnecting')
  server.remove(key, me)
  page.show()
  await server.connected()
  expect(server.puts(key).length).toBe(2)
  expect(log).toEqual([])
})

test('[L4] close leaves every room at once and forgets what it knew', async () => {
  const { client, room, server, log, listen, clock, page } = await open()
  listen()
  room.track('x')
  server.put(key, 9, 'y')
  log.length = 0
  client.close()
  expect(server.received.at(-1)).toEqual(['bye'])
  expect(client.status).toBe('closed')
  expect(room.value().size).toBe(0)
  expect(log.map(({ change }) => change.left.map(({ clientId, reason }) => [clientId, reason]))).toEqual([
    [
      [7, 'left'],
      [9, 'lost'],
    ],
  ])
  expect(page.isWatched).toBe(false)
  clock.advance(60_000)
  expect(clock.pending).toBe(0)
})

test('[S1] entering gives a snapshot, then every delta after it', async () => {
  const { room, server, log, listen } = await open()
  server.put(key, 9, 'a')
  listen()
  expect(room.status).toBe('live')
  expect(room.value().get(9)?.data).toBe('a')
  server.put(key, 9, 'b')
  expect(log.map(({ change }) => change.updated[0]?.data ?? change.joined[0]?.data)).toEqual(['a', 'b'])
})

test('[S2] a missing delta is noticed and repaired by a snapshot', async () => {
  const { room, server, listen } = await open()
  listen()
  server.put(key, 9, 'a')
  server.skipDelta(key)
  server.put(key, 10, 'b')
  expect(server.sent('enter').length).toBe(2)
  expect([...room.value().keys()]).toEqual([9, 10])
})

test('[S3] what a snapshot does not contain is gone, in one onChange; what did not change causes no event', async () => {
  const { room, server, log, listen, reconnect } = await open()
  listen()
  server.put(key, 9, 'a')
  server.put(key, 10, 'b')
  server.put(key, 11, 'c')
  const kept = room.value().get(11)
  log.length = 0
  server.drop()
  server.remove(key, 9)
  server.remove(key, 10)
  await reconnect()
  expect(log.map(({ change }) => change.left.map(({ clientId, reason }) => [clientId, reason]))).toEqual([
    [
      [9, 'lost'],
      [10, 'lost'],
    ],
  ])
  expect(room.value().get(11)).toBe(kept)
  log.length = 0
  server.drop()
  await reconnect()
  expect(log).toEqual([])
})

test('[R2] an unknown epoch replaces what is held in one onChange, and only then are held entries put again', async () => {
  const { room, server, log, listen, reconnect, me } = await open()
  listen()
  room.track('held')
  server.put(key, 9, 'peer')
  log.length = 0
  server.received.length = 0
  server.restart('epoch-2')
  // Whoever draws in a microtask, as React does, draws the room without me first.
  const drawn: number[] = []
  room.onChange(() => queueMicrotask(() => drawn.push(room.value().size)))
  await reconnect()
  await Promise.resolve()
  expect(drawn).toEqual([0, 1])
  expect(log.map(({ entries }) => [...entries.keys()])).toEqual([[], [me]])
  expect(log[0]?.change.left.map(({ clientId, reason }) => [clientId, reason])).toEqual([
    [me, 'restart'],
    [9, 'restart'],
  ])
  expect(server.received.filter(([event]) => event !== 't').map(([event]) => event)).toEqual(['enter', 'p'])
})

test('[R2] a confirmed timed entry of mine is gone with the old epoch', async () => {
  const { room, server, listen, reconnect } = await open()
  listen()
  room.heartbeat('timed', 60_000)
  server.restart('epoch-2')
  await reconnect()
  expect(room.value().size).toBe(0)
  expect(server.puts(key).length).toBe(1)
})

test('[R4] a held entry announces itself on every reconnect, silently', async () => {
  const { room, server, log, listen, reconnect } = await open()
  listen()
  room.track('held')
  log.length = 0
  for (let i = 0; i < 3; i++) {
    server.drop()
    await reconnect()
  }
  expect(server.puts(key).map(([, n, , held]) => [n, held])).toEqual([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 1],
  ])
  expect(log).toEqual([])
})

test('[A2] a refused put goes back to what the server last confirmed, in one onChange, and is told with its room', async () => {
  const { client, room, server, log, listen, errors, clock, me } = await open()
  const rooms: unknown[] = []
  client.onError((error) => rooms.push(error.room))
  listen()
  room.heartbeat('good', 30_000)
  clock.advance(100)
  server.answers = false
  room.heartbeat('bad', 30_000)
  log.length = 0
  server.refuse({ event: 'p', n: 2, room: key, code: 'not-allowed', message: 'No.', canRetry: false })
  expect(log.map(({ change }) => change.updated.map(({ data }) => data))).toEqual([['good']])
  expect(room.value().get(me)?.data).toBe('good')
  expect(errors).toEqual(['not-allowed'])
  expect(rooms).toEqual([key])
})

test('[A2] a refused first entry disappears, and its track stops unless it may be tried again', async () => {
  const { room, server, log, listen, clock } = await open()
  listen()
  server.answers = false
  room.track('x')
  log.length = 0
  server.refuse({
    event: 'p',
    n: 1,
    room: key,
    code: 'internal',
    message: 'Later.',
    canRetry: true,
    retryAfterMs: 5_000,
  })
  expect(log.map(({ change }) => change.left[0]?.reason)).toEqual(['refused'])
  clock.advance(5_000)
  expect(server.puts(key).map(([, n, , , data]) => [n, data])).toEqual([
    [1, 'x'],
    [2, 'x'],
  ])
  server.refuse({ event: 'p', n: 2, room: key, code: 'not-allowed', message: 'No.', canRetry: false })
  clock.advance(60_000)
  expect(server.puts(key).length).toBe(2)
})

/** The next put of mine is refused, because the room is full for the next five seconds. */
const full = (n: number): Refusal => ({
  event: 'p',
  n,
  room: key,
  code: 'room-full',
  message: 'Later.',
  canRetry: true,
  retryAfterMs: 5_000,
})

test('[A2] who moves on in front of a full room asks once in five seconds, and comes in with the newest', async () => {
  const { room, server, clock, errors, listen, me } = await open()
  listen()
  server.answers = false
  const track = room.track(0)
  let answered = 0
  for (let i = 1; i <= 280; i++) {
    clock.advance(50)
    track.update(i)
    // A way of 100 ms: by the time that a refusal comes, a newer put is under way.
    const asked = server.puts(key).slice(answered, -1)
    answered += asked.length
    for (const [, n] of asked) server.refuse(full(n))
  }
  // 14 s: three times, each with the two or three puts that were under way.
  expect(server.puts(key).length).toBeLessThan(10)
  expect(errors.every((code) => code === 'room-full')).toBe(true)

  // The newest waits and shows here, as ever (P1).
  expect(room.value().get(me)?.data).toBe(280)
  server.answers = true
  clock.advance(5_000)
  expect(server.puts(key).at(-1)?.[4]).toBe(280)
  const before = server.puts(key).length
  track.update('in')
  clock.advance(1_000)
  expect(server.puts(key).length).toBe(before + 1)
})

test('[A2] the lease of a heartbeat runs while it waits for its place', async () => {
  const { room, server, clock, listen } = await open()
  listen()
  server.answers = false
  room.heartbeat('one', 30_000)
  server.refuse(full(1))
  clock.advance(60)
  room.heartbeat('two', 30_000)
  clock.advance(5_000)
  const [, , ttlMs] = server.puts(key).at(-1) ?? []
  expect(ttlMs).toBeGreaterThan(24_500)
  expect(ttlMs).toBeLessThan(25_500)
})

test('[A2] a heartbeat into a full room waits, a leave does not, and a new connection owes nothing to the old one', async () => {
  const { room, server, clock, listen, me, reconnect } = await open()
  listen()
  server.answers = false
  room.heartbeat('one', 30_000)
  server.refuse(full(1))
  expect(room.value().has(me)).toBe(false)
  clock.advance(60)
  room.heartbeat('two', 30_000)
  expect(room.value().get(me)?.data).toBe('two')
  clock.advance(1_000)
  expect(server.puts(key).length).toBe(1)
  room.leave()
  expect(server.sent('l').length).toBe(1)

  room.heartbeat('three', 30_000)
  server.answers = true
  server.drop()
  await reconnect()
  expect(server.puts(key).map(([, , , , data]) => data)).toEqual(['one', 'three'])
})

test('[A2] who got a place by a put that was under way goes on at once', async () => {
  const { room, server, clock, listen, me } = await open()
  listen()
  server.answers = false
  room.heartbeat('one', 30_000)
  clock.advance(33)
  room.heartbeat('two', 30_000)
  server.refuse(full(1))
  server.say(['d', 1, 1, 2, [], [], [[1, me, 2, 'two', clock.wallMs() + 30_000, 0, clock.wallMs()]]])
  clock.advance(33)
  room.heartbeat('three', 30_000)
  expect(server.puts(key).map(([, , , , data]) => data)).toEqual(['one', 'two', 'three'])
})

test('[A2] what is refused at once for being too fast, or for good, holds no later put off', async () => {
  const { room, server, clock, listen } = await open()
  listen()
  server.answers = false
  room.heartbeat('one', 30_000)
  server.refuse({ event: 'rate', room: key, code: 'rate-limited', message: 'Slower.', canRetry: true })
  server.refuse({ ...full(1), code: 'not-allowed', canRetry: false })
  clock.advance(33)
  room.heartbeat('two', 30_000)
  expect(server.puts(key).length).toBe(2)
})

test('[A2] what a refused update fell back to goes when its track stops', async () => {
  const { room, server, clock, listen, me } = await open()
  listen()
  const track = room.track('first')
  server.answers = false
  clock.advance(1_000)
  track.update('second')
  server.refuse({ event: 'p', n: 2, room: key, code: 'not-allowed', message: 'No.', canRetry: false })
  expect(room.value().get(me)?.data).toBe('first')
  track.stop()
  expect(room.value().size).toBe(0)
  expect(server.sent('l').length).toBe(1)
})

test('[A2] a room that may be asked for again is, whatever I put meanwhile', async () => {
  const { room, server, clock, listen } = await open()
  server.answers = false
  listen()
  server.refuse({ event: 'enter', room: key, code: 'internal', message: 'No.', canRetry: true })
  room.heartbeat('x', 30_000)
  clock.advance(1_000)
  expect(server.sent('enter').length).toBe(2)
})

test('[A2] a room to be asked for again is entered by the next connection', async () => {
  const { room, server, clock, listen, reconnect } = await open()
  server.answers = false
  listen()
  server.refuse({ event: 'enter', room: key, code: 'internal', message: 'No.', canRetry: true, retryAfterMs: 50 })
  server.drop()
  clock.advance(60)
  await reconnect()
  server.hello()
  expect(server.sent('enter').length).toBe(2)
  server.snapshot(key)
  expect(room.status).toBe('live')
  clock.advance(1_000)
  expect(server.sent('enter').length).toBe(2)
})

test('[A2] a room that the server refuses is refused, and says so', async () => {
  const { room, server, listen, errors } = await open()
  server.answers = false
  const statuses: string[] = []
  room.onStatus((status) => statuses.push(status))
  listen()
  server.refuse({ event: 'enter', room: key, code: 'not-allowed', message: 'No.', canRetry: false })
  expect(statuses).toEqual(['refused'])
  expect(errors).toEqual(['not-allowed'])
})

test('a kick takes my entry away and stops my tracks', async () => {
  const { room, server, log, listen, me, clock } = await open()
  listen()
  room.track('x')
  log.length = 0
  server.remove(key, me, 'kicked')
  server.refuse({ event: 'kick', room: key, code: 'kicked', message: 'Out.', canRetry: false })
  clock.advance(60_000)
  expect(log.map(({ change }) => change.left[0]?.reason)).toEqual(['kicked'])
  expect(server.puts(key).length).toBe(1)
})

test('[L2] a held entry that the server only thought lost is put again, silently', async () => {
  const { room, server, log, listen, me, clock } = await open()
  listen()
  room.track('x')
  clock.advance(33)
  log.length = 0
  server.remove(key, me, 'lost')
  expect(server.puts(key).length).toBe(2)
  expect(log).toEqual([])
})

test("[C1] [P7] a client whose clock is wrong sends what is left of a lease in whole ms, and tells the server's time", async () => {
  const { client, room, server, clock, me } = await open({ autoConnect: false }, false)
  const trueMs = clock.wallMs() - 3_600_000.4
  room.heartbeat('x', 30_000)
  clock.advance(1_000)
  server.answers = false
  client.connect()
  await server.connected()
  server.hello({ nowMs: trueMs })
  server.snapshot(key)
  expect(client.now()).toBe(Math.floor(trueMs))
  expect(server.puts(key).map(([, , ttlMs]) => ttlMs)).toEqual([29_000])
  expect(room.value().get(me)?.expiresAtMs).toBe(Math.floor(trueMs) + 29_000)
})

test('several rapid updates are one message per window, and the last is never lost', async () => {
  const { room, server, clock } = await open()
  const track = room.track(0)
  for (let i = 1; i <= 50; i++) track.update(i)
  clock.advance(33)
  clock.advance(1_000)
  expect(server.puts(key).map(([, , , , data]) => data)).toEqual([0, 50])
  server.say(['pace', key, 1_000])
  track.update(51)
  track.update(52)
  clock.advance(999)
  expect(server.puts(key).length).toBe(3)
  clock.advance(1)
  expect(server.puts(key).at(-1)?.[4]).toBe(52)
})

test('status goes idle, connecting, connected, reconnecting, closed; nothing connects at creation', async () => {
  const { client, server, room, reconnect } = await open({}, false)
  const seen: string[] = [client.status]
  client.onStatus((status) => seen.push(status))
  expect(server.handshakes).toEqual([])
  room.value()
  await server.connected()
  server.drop()
  await reconnect()
  client.close()
  expect(seen).toEqual(['idle', 'connecting', 'connected', 'reconnecting', 'connected', 'closed'])
})

test('waitForConnected resolves, and rejects on timeout, when closed and when refused', async () => {
  const { client, server, clock } = await open({}, false)
  const { PresenceError } = await import('@app/protocol')
  await client.waitForConnected()
  client.close()
  await expect(client.waitForConnected()).rejects.toMatchObject({ name: 'PresenceError', code: 'closed' })
  server.answers = false
  client.connect()
  const wait = client.waitForConnected(500)
  clock.advance(500)
  await expect(wait).rejects.toMatchObject({ code: 'timeout', canRetry: true })
  client.close()
  server.refusal = new PresenceError('client-id-taken', 'Taken.')
  client.connect()
  await expect(client.waitForConnected()).rejects.toMatchObject({ code: 'client-id-taken' })
  expect(client.status).toBe('refused')
})

test('a token is asked anew for every attempt, and one that fails is told and tried again', async () => {
  let count = 0
  const token = () => {
    if (++count === 2) throw new Error('no luck')
    return `token-${count}`
  }
  const { server, reconnect, errors, clock } = await open({ token })
  server.drop()
  clock.advance(0)
  await Promise.resolve()
  await Promise.resolve()
  await Promise.resolve()
  await reconnect()
  expect(server.handshakes.map((handshake) => handshake.token)).toEqual(['token-1', 'token-3'])
  expect(errors).toEqual(['token-failed'])
})

test('reauthenticate changes who I am on the live connection', async () => {
  const { client, room, server, log, listen, me } = await open({ user: { id: 'ada' } })
  listen()
  room.track('x')
  expect(room.value().get(me)?.user?.id).toBe('ada')
  log.length = 0
  await client.reauthenticate({ user: { id: 'grace' } })
  expect(server.sent('auth').length).toBe(1)
  expect(client.user).toEqual({ id: 'grace' })
  expect(log.map(({ change }) => change.updated[0]?.user?.id)).toEqual(['grace'])
})

test('room keys such as pr:__proto__ and pr:toString are ordinary', async () => {
  const { client, server } = await open()
  for (const name of ['pr:__proto__', 'pr:toString', 'pr:hasOwnProperty']) {
    const room = client.presence(name)
    room.track(name)
    server.put(name, 9, 'x')
    expect(room.value().size).toBe(2)
  }
})

test('[S2] a hash of versions that is not mine asks for snapshots, one that is asks for nothing', async () => {
  const { client, room, server, listen, log } = await open()
  const { hashVersions } = await import('@app/protocol')
  listen()
  client.presence('pr:room-2').onChange(() => {})
  server.put(key, 9, 'x')
  const versions = client.inspect().rooms.map(({ version }, i) => ({ number: i + 1, version }))
  server.say(['v', hashVersions(versions)])
  expect(server.sent('enter').length).toBe(2)
  log.length = 0
  server.say(['v', hashVersions(versions) + 1])
  expect(server.sent('enter').map(([, name]) => name)).toEqual([key, 'pr:room-2', key, 'pr:room-2'])
  expect(log).toEqual([])
  expect(room.value().size).toBe(1)
})

test('[S2] a resync on the same connection does not put my held entry again', async () => {
  const { room, server } = await open()
  room.track('x')
  server.skipDelta(key)
  server.put(key, 9, 'y')
  expect(server.sent('enter').length).toBe(2)
  expect(server.puts(key).length).toBe(1)
})

test('[R5] attempts wait at random within the window that the server named, and twice as long each time', async () => {
  const edges = { ...scriptedEdges(), random: () => 0.5 }
  const client = new Client({}, edges)
  client.onError(() => {})
  client.connect()
  await edges.server.connected()
  edges.server.say(['drain', 4_000])
  edges.server.drop()
  const { PresenceError } = await import('@app/protocol')
  edges.server.refusal = new PresenceError('draining', 'Later.', { canRetry: true })
  const attempts = () => edges.server.handshakes.length
  for (const [index, waitMs] of [2_000, 4_000, 8_000, 15_000, 15_000].entries()) {
    edges.clock.advance(waitMs - 1)
    expect(attempts()).toBe(index + 1)
    edges.clock.advance(1)
    for (let i = 0; i < 3; i++) await Promise.resolve()
    expect(attempts()).toBe(index + 2)
  }
})

test('[R5] a network that is back is a hint: the wait begins anew from its first window, still at random', async () => {
  const edges = { ...scriptedEdges(), random: () => 0.5 }
  const client = new Client({}, edges)
  client.connect()
  await edges.server.connected()
  edges.server.say(['drain', 20_000])
  edges.server.drop()
  edges.clock.advance(1_000)
  edges.page.hint()
  edges.clock.advance(9_999)
  expect(edges.server.handshakes.length).toBe(1)
  edges.clock.advance(1)
  for (let i = 0; i < 3; i++) await Promise.resolve()
  expect(edges.server.handshakes.length).toBe(2)
  client.close()
  edges.page.hint()
  expect(edges.clock.pending).toBe(0)
})

test('[R5] who asks to connect need not wait, but for a server that said when; the report tells how long, and why', async () => {
  const edges = { ...scriptedEdges(), random: () => 0.5 }
  const { clock, server } = edges
  const client = new Client({}, edges)
  client.onError(() => {})
  client.connect()
  await server.connected()
  expect(client.inspect()).toMatchObject({ retryInMs: null, error: null })
  server.say(['drain', 20_000])
  server.drop()
  clock.advance(1_000)
  expect(client.inspect()).toMatchObject({ retryInMs: 9_000, error: null })
  const { PresenceError } = await import('@app/protocol')
  server.refusal = new PresenceError('draining', 'Later.', { canRetry: true, retryAfterMs: 30_000 })
  client.connect()
  expect(client.inspect().retryInMs).toBe(0)
  clock.advance(0)
  await vi.waitFor(() => expect(client.inspect()).toMatchObject({ retryInMs: 30_000, error: { message: 'Later.' } }))
  client.connect()
  expect(client.inspect().retryInMs).toBe(30_000)
  server.refusal = null
  clock.advance(30_000)
  await vi.waitFor(() => expect(client.status).toBe('connected'))
  expect(client.inspect()).toMatchObject({ retryInMs: null, error: null })
  expect(server.handshakes.length).toBe(3)
})

test('a client that is refused shows its rooms as refused, and comes back by logging in', async () => {
  const { client, room, server, listen, clock } = await open()
  const { PresenceError } = await import('@app/protocol')
  const statuses: string[] = []
  room.onStatus((status) => statuses.push(status))
  listen()
  server.refusal = new PresenceError('unauthorized', 'Log in.')
  server.drop()
  clock.advance(0)
  await vi.waitFor(() => expect(client.status).toBe('refused'))
  clock.advance(60_000)
  expect(server.handshakes.length).toBe(2)
  expect(room.status).toBe('refused')
  server.refusal = null
  await client.reauthenticate({ token: 'good' })
  expect(statuses).toEqual(['live', 'stale', 'refused', 'stale', 'live'])
})

test('credentials that change while the connection is being made are told right after the hello', async () => {
  const { client, server } = await open({ user: { id: 'ada' } }, false)
  server.answers = false
  client.connect()
  await server.connected()
  await client.reauthenticate({ user: { id: 'grace' } })
  server.answers = true
  server.hello()
  await vi.waitFor(() => expect(client.user).toEqual({ id: 'grace' }))
  expect(server.sent('auth').length).toBe(1)
})

test('asking how a room stands makes none, and enters none', async () => {
  const { client, room, server } = await open()
  expect([room.status, room.announced().size, room.mine()]).toEqual(['loading', 0, undefined])
  expect(room.announced()).toBe(room.announced())
  expect(client.inspect().rooms).toEqual([])
  expect(server.sent('enter')).toEqual([])
})

test('a closed client keeps the rooms that somebody listens to, and no others', async () => {
  const { client, room } = await open()
  client.presence('pr:room-2').value()
  room.onChange(() => {})
  client.close()
  expect(client.inspect().rooms.map((each) => each.key)).toEqual([key])
})

test('an address that is missing refuses the client with a sentence, and whoever waits hears it', async () => {
  const { PresenceError } = await import('@app/protocol')
  const edges = scriptedEdges()
  const connect = () => {
    throw new PresenceError('bad-options', 'There is no page here to take the address from: pass url.')
  }
  const client = new Client({}, { ...edges, connect })
  const errors: string[] = []
  client.onError(({ code }) => errors.push(code))
  await expect(client.waitForConnected()).rejects.toMatchObject({ code: 'bad-options' })
  expect([client.status, errors]).toEqual(['refused', ['bad-options']])
})

test('[R5] hints bring an attempt nearer and never put it off, and a server that says when is not asked before', async () => {
  const { client, server, clock, page } = await open()
  const { PresenceError } = await import('@app/protocol')
  server.refusal = new PresenceError('draining', 'Later.', { canRetry: true, retryAfterMs: 10_000 })
  server.drop()
  clock.advance(0)
  await vi.waitFor(() => expect(server.handshakes.length).toBe(2))
  server.refusal = null
  clock.advance(9_000)
  page.hint()
  page.hide()
  page.show()
  clock.advance(999)
  expect(server.handshakes.length).toBe(2)
  clock.advance(1)
  await vi.waitFor(() => expect(client.status).toBe('connected'))
})

test('[R5] a hint that draws a later moment than the one waited for changes nothing', async () => {
  let random = 0.1
  const edges = { ...scriptedEdges(), random: () => random }
  const client = new Client({}, edges)
  client.connect()
  await edges.server.connected()
  edges.server.say(['drain', 20_000])
  edges.server.drop()
  random = 0.9
  edges.clock.advance(1_000)
  edges.page.hint()
  edges.clock.advance(1_000)
  await vi.waitFor(() => expect(client.status).toBe('connected'))
})

test('[R5] a timer that comes late after a hint asks again before it gives a connection up', async () => {
  const { client, server, clock, page } = await open()
  server.answers = false
  page.hint()
  clock.stall(8_000)
  clock.advance(0)
  expect(client.status).toBe('connected')
  // What had come before the machine slept is no answer.
  server.packet()
  clock.advance(5_000)
  expect(client.status).toBe('reconnecting')
})

test('[L1] who was kicked stays away until the next call, also when the connection is lost before the room tells', async () => {
  const { room, server, reconnect, me } = await open()
  room.track('mine')
  server.refuse({ event: 'kick', room: key, code: 'kicked', message: 'Out.', canRetry: false })
  expect(room.value().has(me)).toBe(false)
  const puts = server.puts(key).length
  server.restart('epoch-1')
  await reconnect()
  server.snapshot(key)
  expect(server.puts(key).length).toBe(puts)
  room.heartbeat('back', 30_000)
  expect(server.puts(key).length).toBe(puts + 1)
})

test('a login whose token comes only after the connection was lost is settled, and said with the next hello', async () => {
  const { client, server, reconnect } = await open()
  let give = (_token: string) => {}
  const login = client.reauthenticate({ token: () => new Promise((resolve) => (give = resolve)) })
  server.drop()
  give('late')
  await login
  await Promise.all([reconnect(), vi.waitFor(() => give('later'))])
  await vi.waitFor(() => expect(server.handshakes.at(-1)?.token).toBe('later'))
})

test('[P11] a room whose only use, an entry of mine, was taken away is exited', async () => {
  const { room, server, clock, me } = await open()
  room.heartbeat('mine', 600_000)
  server.remove(key, me, 'kicked')
  clock.advance(60_000)
  expect(server.sent('exit').length).toBe(1)
})

test('[P11] a track that is stopped after its room was exited makes no room', async () => {
  const { client, room, clock } = await open()
  const track = room.track('mine')
  room.leave()
  clock.advance(60_000)
  expect(client.inspect().rooms).toEqual([])
  track.stop()
  expect(client.inspect().rooms).toEqual([])
})

test('a room that I may enter again soon keeps the others, for as long as their leases run', async () => {
  const { client, room, server, clock } = await open()
  const left: string[] = []
  room.onChange((_, change) => left.push(...change.left.map(({ reason }) => reason)))
  server.put(key, 9, 'theirs')
  server.skipDelta(key)
  server.answers = false
  server.say(['v', 1])
  const refuse = () =>
    server.refuse({
      event: 'enter',
      room: key,
      code: 'internal',
      message: 'Soon.',
      canRetry: true,
      retryAfterMs: 9_000,
    })
  refuse()
  for (let i = 0; i < 3; i++) {
    clock.advance(9_000)
    server.packet()
    refuse()
  }
  expect([room.status, room.value().size, client.presence('pr:other').status]).toEqual(['refused', 1, 'loading'])
  clock.advance(3_001)
  expect([room.value().size, left]).toEqual([0, ['lost']])
})

test('a server that says when to come back is not asked before, and a room made meanwhile says that I am refused', async () => {
  const { client, server, clock } = await open()
  const { PresenceError } = await import('@app/protocol')
  server.refusal = new PresenceError('draining', 'Later.', { canRetry: true, retryAfterMs: 2_000 })
  server.drop()
  clock.advance(0)
  await vi.waitFor(() => expect(server.handshakes.length).toBe(2))
  server.refusal = new PresenceError('unauthorized', 'Log in.')
  clock.advance(1_999)
  await Promise.resolve()
  expect(server.handshakes.length).toBe(2)
  clock.advance(1)
  await vi.waitFor(() => expect(client.status).toBe('refused'))
  const room = client.presence('pr:new')
  expect(room.status).toBe('refused')
  room.onChange(() => {})
  expect(room.status).toBe('refused')
})

test('[R5] a page that is woken finds out within seconds whether its connection is dead, and one that answers stays', async () => {
  const { client, server, clock, page } = await open()
  page.hint()
  clock.advance(60_000)
  expect(client.status).toBe('connected')
  server.answers = false
  page.hint()
  clock.advance(4_999)
  // Another hint does not prolong the wait.
  page.hint()
  expect(client.status).toBe('connected')
  clock.advance(1)
  expect(client.status).toBe('reconnecting')
  server.answers = true
  clock.advance(0)
  await vi.waitFor(() => expect(client.status).toBe('connected'))
})

test('[L5] a packet that is read after too long a silence came while the page stood still: the connection is asked', async () => {
  const { client, server, clock } = await open()
  server.answers = false
  clock.advance(18_000)
  // A ping in time, after which the socket waits as long again.
  server.packet()
  clock.advance(18_000)
  expect(client.status).toBe('connected')
  clock.stall(1)
  server.packet()
  clock.advance(4_999)
  expect(client.status).toBe('connected')
  clock.advance(1)
  expect(client.status).toBe('reconnecting')
})

test('[L5] [C1] a machine that slept is known by the clock that went on, and one whose clock was set is asked for nothing', async () => {
  const { client, server, clock } = await open()
  const asked = server.sent('t').length
  clock.jumpWall(18_001)
  server.packet()
  expect(server.sent('t').length).toBe(asked + 1)
  clock.jumpWall(-3_600_000)
  server.packet()
  clock.advance(60_000)
  expect([client.status, server.handshakes.length]).toEqual(['connected', 1])
})

test('[L5] a packet that ends too long a silence costs a connection that is alive nothing but a question', async () => {
  const { client, server, clock } = await open()
  const asked = server.sent('t').length
  clock.advance(60_000)
  server.packet()
  clock.advance(60_000)
  expect(server.sent('t').length).toBe(asked + 1)
  expect([client.status, server.handshakes.length]).toEqual(['connected', 1])
})

test('[R5] an attempt that hangs when the network is back begins anew, and one that has just begun goes on', async () => {
  const { client, server, clock, page } = await open({}, false)
  server.answers = false
  client.connect()
  await server.connected()
  clock.advance(1_000)
  page.hint()
  clock.advance(1_001)
  expect(server.handshakes.length).toBe(1)
  page.hint()
  clock.advance(0)
  await vi.waitFor(() => expect(server.handshakes.length).toBe(2))
  expect(client.status).toBe('connecting')
})

test('a room that I may no longer read shows none of the others, and mine as I want it', async () => {
  const { room, server, clock } = await open()
  const gone: string[] = []
  room.onChange((_, { left }) => gone.push(...left.map(({ clientId, reason }) => `${clientId} ${reason}`)))
  room.track('mine')
  server.put(key, 9, 'theirs')
  server.drop()
  server.answers = false
  clock.advance(0)
  await server.connected()
  server.hello()
  server.refuse({ event: 'enter', room: key, code: 'not-allowed', message: 'No more.', canRetry: false })
  expect([room.status, [...room.value().keys()]]).toEqual(['refused', [7]])
  expect(gone).toEqual(['9 refused'])
})

test('[S2] a hash that comes while a room is being repaired repairs no other', async () => {
  const { client, room, server } = await open()
  client.presence('pr:room-2').value()
  room.value()
  server.answers = false
  server.skipDelta(key)
  server.put(key, 9, 'y')
  const entered = () => server.sent('enter').map(([, name]) => name)
  expect(entered()).toEqual(['pr:room-2', key, key])
  server.say(['v', 1])
  expect(entered().length).toBe(3)
  server.snapshot(key)
  server.say(['v', 1])
  expect(entered().length).toBe(5)
})

test('[C1] an answer about the time that was asked for earlier does not count as a quick one', async () => {
  const { client, server, clock, page } = await open()
  server.answers = false
  page.hint()
  clock.advance(4_000)
  const early = server.sent('t').at(-1)?.[1] as number
  server.packet()
  page.hint()
  const askedAtMs = clock.wallMs()
  clock.advance(4)
  server.say(['t', early, askedAtMs - 4_000])
  expect(Math.abs(client.now() - clock.wallMs())).toBeLessThan(10)
})
