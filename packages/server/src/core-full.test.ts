import { connectTo, FakeClock, FakeLinks } from '@app/testkit'
import { expect, test } from 'vitest'
import { PresenceCore } from './core.ts'
import { checkOptions, type PresenceServerOptions } from './server-options.ts'
import { memoryStore } from './stores/memory-store.ts'

const key = 'pr:atelier'

async function open(options: PresenceServerOptions = {}, clientCount = 3) {
  const clock = new FakeClock()
  const links = new FakeLinks()
  const core = new PresenceCore({
    ...checkOptions({ limits: { roomClients: 2 }, ...options }),
    clock,
    transport: links,
    policy: { mode: 'loopback', origins: undefined },
  })
  const clients = []
  for (let clientId = 1; clientId <= clientCount; clientId++) clients.push(await connectTo(core, links, { clientId }))
  for (const client of clients) client.take()
  const [ada, grace, alan] = clients as [(typeof clients)[0], (typeof clients)[0], (typeof clients)[0]]
  const here = (room = key) => core.entries(room).map(({ clientId, data }) => [clientId, data])
  return { clock, core, clients, ada, grace, alan, here }
}

const full = {
  code: 'room-full',
  message: expect.stringContaining(`"${key}" has 2 clients`),
  canRetry: true,
  retryAfterMs: 5_000,
  room: key,
}

test('[A2] a full room refuses a put of a client that has no entry there, and those who are there go on', async () => {
  const { ada, grace, alan, here } = await open()
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  grace.say('p', [[key, 1, 30_000, 1, 'g']])
  alan.say('p', [[key, 7, 30_000, 1, 'x']])
  expect(alan.take()).toEqual([['refused', { ...full, event: 'p', n: 7 }]])
  expect(alan.ask('p', [[key, 8, 30_000, 1, 'x']])).toEqual({ answer: full })
  expect(alan.take()).toEqual([])
  ada.say('p', [[key, 2, 30_000, 1, 'still here']])
  expect(here()).toEqual([
    [1, 'still here'],
    [2, 'g'],
  ])
})

test('a full room is watched and counted like any other, and whoever leaves it makes a place', async () => {
  const { clock, ada, grace, alan, here } = await open()
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  grace.say('p', [[key, 1, 30_000, 1, 'g']])
  clock.advance(1_000)
  alan.say('enter', key)
  alan.say('count', key)
  expect(alan.take().map(([event, , , , , rows]) => [event, (rows as unknown[] | undefined)?.length])).toEqual([
    ['s', 2],
    ['c', undefined],
  ])
  ada.say('l', key, 2)
  alan.say('p', [[key, 1, 30_000, 1, 'at last']])
  expect(here()).toEqual([
    [2, 'g'],
    [3, 'at last'],
  ])
})

test('a room and its derived rooms are full each by itself', async () => {
  const { clients, alan, here } = await open()
  const [ada, grace] = clients
  for (const client of [ada, grace]) client?.say('p', [[`${key}/cursors`, 1, 30_000, 1, 'cursor']])
  alan.say('p', [[key, 1, 30_000, 1, 'x']])
  alan.say('p', [[`${key}/typing`, 2, 30_000, 1, 'x']])
  alan.say('p', [[`${key}/cursors`, 3, 30_000, 1, 'x']])
  expect(here().length).toBe(1)
  expect(here(`${key}/typing`).length).toBe(1)
  const refused = alan.take().filter(([event]) => event === 'refused')
  expect(refused.map(([, said]) => (said as { n: number }).n)).toEqual([3])
})

test('[A2] [A3] a put that waited for its slot is refused when the room has become full meanwhile', async () => {
  const { ada, grace, alan, clock } = await open({ limits: { roomClients: 2, roomPutsPerSecond: 1 } })
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  alan.say('p', [[key, 1, 30_000, 1, 'x']])
  alan.say('p', [[key, 2, 30_000, 1, 'y']])
  alan.say('l', key, 3)
  alan.say('p', [[key, 4, 30_000, 1, 'z']])
  grace.say('p', [[key, 1, 30_000, 1, 'g']])
  alan.take()
  clock.advance(1_000)
  expect(alan.take()).toEqual([['refused', { ...full, event: 'p', n: 4 }]])
})

test('[R3] whoever was there before a restart is let in, also above the limit', async () => {
  const store = memoryStore()
  const options = { store, restart: 'resume', limits: { roomClients: 3 } } as const
  const before = await open(options)
  for (const client of before.clients) client.say('p', [[key, 1, 60_000, 0, 'x']])
  void before.core.close()

  const { ada, here } = await open({ ...options, limits: { roomClients: 2 } })
  expect(here().length).toBe(3)
  ada.say('p', [[key, 2, 60_000, 0, 'on I go']])
  expect(here()[0]).toEqual([1, 'on I go'])
})
