import { defineRooms } from '@app/protocol'
import { connectTo, FakeClock, FakeLinks, type DrivenClient } from '@app/testkit'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { PresenceCore } from './core.ts'
import { Operator, type EntryPut } from './operator.ts'
import { checkOptions, type PresenceServerOptions } from './server-options.ts'
import { memoryStore } from './stores/memory-store.ts'

const key = 'pr:atelier'
const startMs = new FakeClock().wallMs()
const silent = { debug() {}, info() {}, warn() {}, error() {} }

function start(options: PresenceServerOptions = {}, atMs = startMs) {
  const clock = new FakeClock(atMs)
  const links = new FakeLinks()
  const checked = checkOptions({ logger: silent, ...options })
  const policy = { mode: 'open', origins: undefined } as const
  const core = new PresenceCore({ ...checked, clock, transport: links, policy })
  const operator = new Operator({ ...checked, core: () => core })
  const listen = async (clientId: number, room = key): Promise<DrivenClient> => {
    const client = await connectTo(core, links, { clientId })
    client.say('enter', room)
    client.take()
    return client
  }
  const put = (more: Partial<EntryPut> = {}): number => {
    const entry = operator.putEntry(key, { data: 'here', ttlMs: 60_000, ...more })
    if (!entry) throw new Error('It was not there.')
    return entry.clientId
  }
  const again = (clientId: number, more: Partial<EntryPut> = {}) =>
    operator.putEntry(key, { data: 'here', ttlMs: 60_000, clientId, ...more })
  return {
    clock,
    core,
    operator,
    listen,
    put,
    again,
    connect: (id: number) => connectTo(core, links, { clientId: id }),
  }
}

test('[L8] an entry without a client has an id that no client can have, and everybody sees it come and expire', async () => {
  const { clock, operator, listen, put, connect } = start()
  const ada = await listen(1)
  ada.say('count', key)
  ada.take()
  const clientId = put({ user: { id: 'bot' } })
  expect(clientId).toBeLessThan(0)
  expect(ada.take()).toEqual([
    ['d', 1, 0, 1, [], [], [[1, clientId, 1, 'here', startMs + 60_000, 0, startMs, { id: 'bot' }]]],
  ])
  await expect(connect(clientId)).rejects.toMatchObject({ code: 'bad-message' })
  clock.advance(60_000)
  expect(ada.take()).toEqual([['c', key, 1, 1]])
  expect(operator.count(key)).toEqual({ users: 1, clients: 1 })
  clock.advance(1)
  expect(ada.take()).toEqual([
    ['d', 1, 1, 2, [], [[1, 'expired']]],
    ['c', key, 0, 0],
  ])
  expect(operator.snapshot(key)).toEqual([])
})

test('[L8] put again it is renewed, and only what is new is told; put again later it is not there', async () => {
  const { clock, listen, put, again } = start()
  const ada = await listen(1)
  const clientId = put()
  ada.take()
  clock.advance(50_000)
  expect(again(clientId)).toEqual({ clientId, joinedAtMs: startMs, expiresAtMs: startMs + 110_000 })
  clock.advance(5_000)
  expect(ada.take()).toEqual([['d', 1, 1, 2, [], [], [], [[1, 2, startMs + 110_000, 0]]]])
  again(clientId, { data: { mood: 'calm' }, ttlMs: 1_000 })
  expect(ada.take()).toEqual([['d', 1, 2, 3, [[1, 3, { mood: 'calm' }, startMs + 56_000]]]])
  clock.advance(1_001)
  expect(ada.take()).toEqual([['d', 1, 3, 4, [], [[1, 'expired']]]])
  expect(again(clientId)).toBeUndefined()
  expect(ada.take()).toEqual([])
})

test('[L8] what is put again replaces the user, too', () => {
  const { operator, put, again } = start()
  const clientId = put({ user: { id: 'bot', name: 'A' } })
  again(clientId, { user: { id: 'bot', name: 'B' } })
  expect(operator.snapshot(key)).toMatchObject([{ user: { name: 'B' } }])
  again(clientId)
  expect(operator.snapshot(key)[0]).not.toHaveProperty('user')
})

test('[L8] it leaves when it is removed, and no client is removed in its place', async () => {
  const { clock, operator, listen, put } = start()
  const ada = await listen(7)
  ada.say('p', [[key, 1, 30_000, 1, 'mine']])
  const clientId = put()
  clock.advance(1_000)
  ada.take()
  expect(operator.removeEntry('pr:other', clientId)).toBe(false)
  expect(operator.removeEntry(key, clientId)).toBe(true)
  expect(ada.take()).toEqual([['d', 1, 2, 3, [], [[2, 'left']]]])
  expect(operator.removeEntry(key, clientId)).toBe(false)
  for (const wrong of [7, 0, 1.5, Number.NaN]) {
    const code = 'bad-options'
    expect(() => operator.removeEntry(key, wrong)).toThrow(expect.objectContaining({ code }))
    expect(() => operator.putEntry(key, { data: 1, ttlMs: 5_000, clientId: wrong })).toThrow(
      expect.objectContaining({ code }),
    )
  }
  expect(operator.snapshot(key)).toMatchObject([{ clientId: 7, data: 'mine' }])
})

test('[L8] nothing that becomes of a client becomes of it: no connection is lost, and none comes back', async () => {
  const { clock, operator, listen, put } = start({ graceMs: 0 })
  const clientId = put()
  const ada = await listen(1)
  ada.say('p', [[key, 1, 30_000, 1, 'x']])
  ada.lose()
  clock.advance(1)
  expect(operator.snapshot(key)).toMatchObject([{ clientId }])
  expect(operator.disconnect({ clientId })).toBe(0)
  expect(operator.snapshot(key)).toMatchObject([{ clientId, expiresAtMs: startMs + 60_000 }])
})

test('[L8] [R2] a fresh start has none of them', () => {
  const store = memoryStore()
  const first = start({ store })
  const clientId = first.put()
  first.clock.advance(0)
  const second = start({ store }, startMs + 1_000)
  expect(second.operator.snapshot(key)).toEqual([])
  expect(second.again(clientId)).toBeUndefined()
})

test('[L8] [R1] [R3] a resumed one has those whose lease still runs, to be put again', async () => {
  const store = memoryStore()
  const first = start({ store })
  const [long, short] = [first.put({ user: { id: 'bot' } }), first.put({ ttlMs: 1_000 })]
  first.clock.advance(1)
  first.again(long, { data: 'newer', user: { id: 'bot' } })
  await first.core.close()
  const second = start({ store, restart: 'resume' }, startMs + 20_000)
  expect(second.operator.snapshot(key)).toEqual([
    { clientId: long, data: 'newer', user: { id: 'bot' }, joinedAtMs: startMs, expiresAtMs: startMs + 60_001 },
  ])
  expect(second.again(short)).toBeUndefined()
  expect(second.again(long, { data: 'newest' })).toMatchObject({ joinedAtMs: startMs, expiresAtMs: startMs + 80_000 })
  expect(second.operator.snapshot(key)).toMatchObject([{ data: 'newest' }])
})

test('[L8] [P9] its data are checked as those of clients are, and what is refused changes nothing', () => {
  const rooms = defineRooms({ [key]: z.object({ x: z.number() }) })
  const { operator, put, again } = start({ rooms, limits: { dataBytes: 20 } })
  const clientId = put({ data: { x: 1 } })
  const cycle: unknown[] = []
  cycle.push(cycle)
  for (const [data, code] of [
    [{ x: 'one' }, 'bad-data'],
    [undefined, 'bad-data'],
    [Number.NaN, 'bad-data'],
    [cycle, 'bad-data'],
    [new Map(), 'bad-data'],
    ['x'.repeat(19), 'too-large'],
  ] as const) {
    expect(() => again(clientId, { data })).toThrow(expect.objectContaining({ code }))
    expect(() => put({ data })).toThrow(expect.objectContaining({ code }))
  }
  expect(operator.snapshot(key)).toMatchObject([{ clientId, data: { x: 1 } }])
})

test('[L8] [A2] it takes a place in the room, and a full one takes none but those that are there', async () => {
  const { listen, put, again } = start({ limits: { roomClients: 1 } })
  const clientId = put()
  expect(() => put()).toThrow(expect.objectContaining({ code: 'room-full', canRetry: true }))
  expect(again(clientId, { data: 'go on' })).toBeDefined()
  const ada = await listen(1)
  ada.say('p', [[key, 1, 30_000, 1, 'x']])
  expect(ada.take()).toMatchObject([['refused', { code: 'room-full' }]])
})

test('a room in which a put was refused is not left behind', () => {
  const { core, operator, put } = start({ auth: () => ({}), limits: { userEntries: 1 } })
  put({ user: { id: 'bot' } })
  const another = { data: 1, ttlMs: 5_000, user: { id: 'bot' } }
  expect(() => operator.putEntry('pr:other', another)).toThrow(expect.objectContaining({ code: 'too-many-rooms' }))
  expect(core.standing().rooms).toBe(1)
  expect(operator.putEntry('pr:other', { ...another, tenant: 'acme' })).toBeDefined()
})

test('[L8] nobody reaches it in the same room of another tenant', () => {
  const { operator, put, again } = start()
  const clientId = put({ tenant: 'acme' })
  expect(operator.snapshot(key)).toEqual([])
  expect(again(clientId)).toBeUndefined()
  expect(again(clientId, { tenant: 'other' })).toBeUndefined()
  expect(operator.removeEntry(key, clientId)).toBe(false)
  expect(operator.snapshot(key, { tenant: 'acme' })).toMatchObject([{ clientId }])
  expect(() => operator.kick(key, clientId)).toThrow(expect.objectContaining({ code: 'bad-options' }))
  expect(() => put({ tenant: 'a!b' })).toThrow(expect.objectContaining({ code: 'bad-options' }))
})

test('a server that stops, or does not run, takes none and says when there is nobody', () => {
  const { core, put } = start()
  core.drain()
  expect(() => put()).toThrow(expect.objectContaining({ code: 'draining', canRetry: true }))
  const idle = new Operator({ core: () => undefined, keyBytes: 256, dataBytes: 100, logger: silent })
  expect(() => idle.putEntry(key, { data: 1, ttlMs: 5_000 })).toThrow(expect.objectContaining({ code: 'draining' }))
  expect(idle.rooms()).toEqual({ rooms: [], next: null })
  expect(idle.count(key)).toEqual({ users: 0, clients: 0 })
  expect([idle.removeEntry(key, -1), idle.kick(key, 1), idle.disconnect({ userId: 'ada' })]).toEqual([false, false, 0])
})
