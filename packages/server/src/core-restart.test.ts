import { connectTo, FakeClock, FakeLinks, type DrivenClient } from '@app/testkit'
import { expect, test } from 'vitest'
import { PresenceCore } from './core.ts'
import { checkOptions, type PresenceServerOptions } from './server-options.ts'
import { bindingKeptMs, type PresenceStore } from './store.ts'
import { memoryStore } from './stores/memory-store.ts'

const startMs = 1_700_000_000_000
const key = 'pr:atelier'
const silent = { debug() {}, info() {}, warn() {}, error() {} }

function start(store: PresenceStore, atMs: number, more: PresenceServerOptions = {}) {
  const clock = new FakeClock(atMs)
  const links = new FakeLinks()
  const policy = { mode: 'loopback', origins: undefined } as const
  const core = new PresenceCore({
    ...checkOptions({ logger: silent, store, ...more }),
    clock,
    transport: links,
    policy,
  })
  const connect = async (clientId: number, secret?: string): Promise<DrivenClient> => {
    const client = await connectTo(core, links, { clientId, ...(secret ? { secret } : {}) })
    client.take()
    return client
  }
  const present = (): number[] => core.entries(key).map((entry) => entry.clientId)
  return { clock, core, connect, present }
}

/** The process is gone without a word, after it has written what was due. */
const crash = (server: { clock: FakeClock }): void => server.clock.advance(0)

test('[R2] every start is a new epoch, and a fresh one has no entries', async () => {
  const store = memoryStore()
  const first = start(store, startMs)
  const ada = await first.connect(1)
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  void first.core.close()
  const second = start(store, startMs + 100)
  expect(second.core.epoch).not.toBe(first.core.epoch)
  const back = await second.connect(1)
  back.say('enter', key)
  expect(back.take()).toEqual([['s', key, 1, second.core.epoch, 0, []]])
})

test('[R3] a resumed start has the entries whose deadline has not passed, as they were', async () => {
  const store = memoryStore()
  const first = start(store, startMs)
  const ada = await first.connect(1)
  const grace = await first.connect(2)
  ada.say('p', [[key, 4, 60_000, 0, { x: 1 }]])
  first.clock.advance(500)
  grace.say('p', [[key, 2, 30_000, 1, { y: 2 }]])
  crash(first)
  const second = start(store, startMs + 20_000, { restart: 'resume' })
  const eve = await second.connect(3)
  eve.say('enter', key)
  expect(eve.take()[0]?.[5]).toEqual([
    [1, 1, 4, { x: 1 }, startMs + 60_000, 0, startMs],
    [2, 2, 2, { y: 2 }, 0, 30_000, startMs + 500],
  ])
})

test('[R1] what had expired by the clock on the wall stays expired', async () => {
  const store = memoryStore()
  const first = start(store, startMs)
  const ada = await first.connect(1)
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  crash(first)
  expect(start(store, startMs + 60_001, { restart: 'resume' }).present()).toEqual([])
})

test('[R1] [R3] after the clock on the wall went back, no entry outlives its lease', async () => {
  const store = memoryStore()
  const first = start(store, startMs)
  const ada = await first.connect(1)
  const grace = await first.connect(2)
  ada.say('p', [[key, 1, 30_000, 1, 'held']])
  grace.say('p', [[key, 1, 60_000, 0, 'timed']])
  crash(first)
  const second = start(store, startMs - 3_600_000, { restart: 'resume' })
  second.clock.advance(30_000)
  expect(second.present()).toEqual([1, 2])
  second.clock.advance(1)
  expect(second.present()).toEqual([2])
  second.clock.advance(30_000)
  expect(second.present()).toEqual([])
})

test('[R1] [R3] nor does it when there are more starts before the clock has caught up', async () => {
  const store = memoryStore()
  const first = start(store, startMs)
  const ada = await first.connect(1)
  const grace = await first.connect(2)
  ada.say('p', [[key, 1, 30_000, 1, 'held']])
  grace.say('p', [[key, 1, 60_000, 0, 'timed']])
  crash(first)
  const backMs = startMs - 3_600_000
  crash(start(store, backMs, { restart: 'resume' }))
  crash(start(store, backMs + 20_000, { restart: 'resume' }))
  const last = start(store, backMs + 29_000, { restart: 'resume' })
  last.clock.advance(1_000)
  expect(last.present()).toEqual([1, 2])
  last.clock.advance(1)
  expect(last.present()).toEqual([2])
  last.clock.advance(29_999)
  expect(last.present()).toEqual([2])
  last.clock.advance(1)
  expect(last.present()).toEqual([])
})

test('[A1] after the clock on the wall went back, a binding is kept for a day from the start, and no longer', async () => {
  const store = memoryStore()
  const first = start(store, startMs)
  await first.connect(1, 'a'.repeat(32))
  crash(first)
  const backMs = startMs - 30 * bindingKeptMs
  const second = start(store, backMs)
  crash(second)
  const another = 'b'.repeat(32)
  const taken = { code: 'client-id-taken' }
  await expect(start(store, backMs + bindingKeptMs).connect(1, another)).rejects.toMatchObject(taken)
  await start(store, backMs + bindingKeptMs + 1).connect(1, another)
  // In the memory of a server that goes on, too: it looks once an hour.
  second.clock.advance(bindingKeptMs + 3_600_000)
  await second.connect(1, another)
})

test('[R3] a held entry waits for its client until ttlMs after it was last seen, and no longer', async () => {
  const store = memoryStore()
  const first = start(store, startMs)
  const ada = await first.connect(1)
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  first.clock.advance(10_000)
  ada.packet()
  first.clock.advance(5_000)
  crash(first)
  const second = start(store, startMs + 20_000, { restart: 'resume' })
  second.clock.advance(20_000)
  expect(second.present()).toEqual([1])
  second.clock.advance(1)
  expect(second.present()).toEqual([])
})

test('[R3] a login does not make a crash forget when its client was last seen', async () => {
  const store = memoryStore()
  const first = start(store, startMs)
  const ada = await first.connect(1)
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  first.clock.advance(10_000)
  ada.say('auth', 1, { user: { id: 'ada' } })
  await new Promise((resolve) => setImmediate(resolve))
  crash(first)
  const second = start(store, startMs + 20_000, { restart: 'resume' })
  second.clock.advance(20_000)
  expect(second.present()).toEqual([1])
})

test('[R3] once its client is back, it is held again', async () => {
  const store = memoryStore()
  const first = start(store, startMs)
  const ada = await first.connect(1)
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  crash(first)
  const second = start(store, startMs + 20_000, { restart: 'resume' })
  const back = await second.connect(1)
  for (let i = 0; i < 10; i++) {
    second.clock.advance(10_000)
    back.packet()
  }
  expect(second.present()).toEqual([1])
})

test('[P7] a number taken before a restart is not taken again after it', async () => {
  const store = memoryStore()
  const first = start(store, startMs)
  const ada = await first.connect(1)
  ada.say('p', [[key, 4, 60_000, 0, 'new']])
  crash(first)
  const second = start(store, startMs + 1_000, { restart: 'resume' })
  const back = await second.connect(1)
  back.say('p', [[key, 4, 60_000, 0, 'again']])
  expect(second.core.entries(key)[0]).toMatchObject({ data: 'new', lease: { expiresAtMs: startMs + 60_000 } })
})

test('[R3] who had left does not come back with a restart', async () => {
  const store = memoryStore()
  const first = start(store, startMs)
  const ada = await first.connect(1)
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  first.clock.advance(0)
  ada.say('l', key, 2)
  crash(first)
  expect(start(store, startMs + 100, { restart: 'resume' }).present()).toEqual([])
})

test('[R3] a crash may show data that is persistMs older; closing shows the newest', async () => {
  for (const [end, data] of [
    ['crash', 'old'],
    ['close', 'new'],
  ] as const) {
    const store = memoryStore()
    const first = start(store, startMs)
    const ada = await first.connect(1)
    ada.say('p', [[key, 1, 30_000, 1, 'old']])
    first.clock.advance(10)
    ada.say('p', [[key, 2, 30_000, 1, 'new']])
    if (end === 'close') void first.core.close()
    else first.clock.advance(999)
    expect(start(store, startMs + 2_000, { restart: 'resume' }).core.entries(key)[0]?.data).toBe(data)
  }
})

test('[R3] a lease that becomes shorter, or is about to end on disk, is written in the next turn', async () => {
  const store = memoryStore()
  const first = start(store, startMs)
  const ada = await first.connect(1)
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  first.clock.advance(0)
  ada.say('p', [[key, 2, 5_000, 0, 'b']])
  first.clock.advance(0)
  expect(start(store, startMs + 5_001, { restart: 'resume' }).present()).toEqual([])
  const second = start(store, startMs, { restart: 'fresh' })
  const back = await second.connect(1)
  back.say('p', [[key, 3, 5_000, 0, 'a']])
  second.clock.advance(4_000)
  back.say('p', [[key, 4, 60_000, 0, 'b']])
  crash(second)
  expect(start(store, startMs + 10_000, { restart: 'resume' }).present()).toEqual([1])
})

test('[A1] a binding survives a restart', async () => {
  const store = memoryStore()
  const first = start(store, startMs)
  await first.connect(1, 'a'.repeat(32))
  crash(first)
  const second = start(store, startMs + 100)
  await expect(second.connect(1, 'b'.repeat(32))).rejects.toMatchObject({ code: 'client-id-taken' })
  await second.connect(1, 'a'.repeat(32))
})

test('a server that is closed has left no timer behind', async () => {
  const server = start(memoryStore(), startMs)
  const ada = await server.connect(1)
  ada.say('enter', key)
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  ada.say('p', [[key, 2, 60_000, 0, 'b']])
  server.core.drain()
  void server.core.close()
  expect(server.clock.pending).toBe(0)
})

test('presence goes on while the store fails', async () => {
  const store = memoryStore()
  const broken: PresenceStore = {
    ...store,
    write() {
      throw new Error('disk I/O error')
    },
  }
  const server = start(broken, startMs)
  const ada = await server.connect(1)
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  server.clock.advance(5_000)
  expect(server.present()).toEqual([1])
})
