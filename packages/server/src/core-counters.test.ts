import { connectTo, FakeClock, FakeLinks, type DrivenClient } from '@app/testkit'
import { PresenceError } from '@app/protocol'
import { expect, test } from 'vitest'
import { PresenceCore } from './core.ts'
import { createCounters } from './counters.ts'
import { checkOptions } from './server-options.ts'
import { memoryStore } from './stores/memory-store.ts'

const startMs = 1_700_000_000_000
const key = 'pr:atelier'

function open() {
  const clock = new FakeClock(startMs)
  const links = new FakeLinks()
  const counters = createCounters()
  const lines: [level: string, details: object, sentence: string][] = []
  const say =
    (level: string) =>
    (details: object, sentence: string): void =>
      void lines.push([level, details, sentence])
  const logger = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
  const store = memoryStore()
  const policy = { mode: 'loopback', origins: undefined } as const
  const core = new PresenceCore({ ...checkOptions({ logger, store }), clock, transport: links, policy, counters })
  const connect = async (clientId: number): Promise<DrivenClient> => {
    const client = await connectTo(core, links, { clientId })
    client.take()
    return client
  }
  return { clock, links, counters, core, connect, lines, store }
}

test('it counts who comes, what is put and told, and what goes for which reason', async () => {
  const { clock, counters, core, connect } = open()
  const [ada, grace] = [await connect(1), await connect(2)]
  grace.say('enter', key)
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  ada.say('p', [[key, 2, 1_000, 0, 'b']])
  clock.advance(100)
  expect(counters).toMatchObject({ connectionsOpened: 2, messagesReceived: 3, deltasSent: 2 })
  expect(counters.puts).toEqual({ accepted: 2, waited: 0, replaced: 0, refused: 0 })
  expect(counters.resyncs).toEqual({ entered: 1, asked: 0, behind: 0 })
  expect(counters.flushChanges).toMatchObject({ count: 2, sum: 2 })
  grace.say('enter', key)
  expect(counters.resyncs).toEqual({ entered: 1, asked: 1, behind: 0 })
  clock.advance(1_000)
  expect(counters.gone).toEqual({ left: 0, expired: 1, lost: 0, kicked: 0, refused: 0 })
  expect(counters.expiryLateness).toMatchObject({ count: 1, sum: 0.001 })
  ada.say('p', [[key, 3, 60_000, 1, 'c']])
  core.kick(key, 1, 60_000)
  expect(counters.gone).toMatchObject({ expired: 1, kicked: 1 })
  ada.say('p', [[key, 4, 60_000, 1, 'd']])
  expect(counters.puts.refused).toBe(1)
  expect(counters.refused.kicked).toBe(2)
})

test('a slow connection is counted while it is slow, and what it missed as one resync', async () => {
  const { clock, counters, core, connect } = open()
  const [ada, grace] = [await connect(1), await connect(2)]
  grace.say('enter', key)
  grace.jam()
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  clock.advance(100)
  ada.say('p', [[key, 2, 60_000, 0, 'b']])
  clock.advance(100)
  expect(core.standing().slow).toBe(1)
  expect(counters.deltasSent).toBe(0)
  grace.drain()
  expect(core.standing().slow).toBe(0)
  expect(counters).toMatchObject({ deltasSent: 1, resyncs: { entered: 1, asked: 0, behind: 1 } })
})

test('what the store does is counted: how long, how often in vain, and what waits', async () => {
  const { clock, counters, core, connect, store } = open()
  const ada = await connect(1)
  clock.advance(10)
  const [batches] = [counters.storeBatch.count]
  expect(batches).toBeGreaterThan(0)
  const write = store.write.bind(store)
  store.write = () => {
    throw new Error('full')
  }
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  expect(core.standing()).toMatchObject({ unwritten: 1, isStoreFailing: false })
  clock.advance(10)
  expect(counters.storeFailures).toBe(1)
  expect(core.standing()).toMatchObject({ unwritten: 1, isStoreFailing: true })
  store.write = write
  clock.advance(2_000)
  expect(core.standing()).toMatchObject({ unwritten: 0, isStoreFailing: false })
})

test('of refusals there are a few lines a minute for each code, and then how many more there were', async () => {
  const { clock, counters, core, connect, lines } = open()
  const ada = await connect(1)
  const knock = { origin: undefined, host: undefined, address: '203.0.113.7', isForwarded: false, headers: {} }
  const hello = { v: 1, clientId: 2, secret: 'short', token: 'hunter2' }
  await expect(core.admit(hello, knock)).rejects.toBeInstanceOf(PresenceError)
  lines.length = 0
  for (let n = 0; n < 12; n++) ada.say('enter', 'hunter2')
  ada.say('hunter2', 'hunter2')
  const event = 'enter'
  const refused = { code: 'bad-key', reason: undefined, event, clientId: 1 }
  expect(lines).toEqual([
    ...Array.from({ length: 5 }, () => ['info', refused, 'Refused.']),
    ['info', { code: 'bad-message', reason: undefined, event: 'unknown', clientId: 1 }, 'Refused.'],
  ])
  expect(counters.refused['bad-key']).toBe(12)
  lines.length = 0
  clock.advance(60_000)
  expect(lines).toContainEqual(['info', { code: 'bad-key', leftOut: 7 }, expect.stringContaining('so many more')])
  ada.say('enter', 'hunter2')
  expect(lines.at(-1)).toEqual(['info', refused, 'Refused.'])
})

test('it knows how late its loop is, at once while it is late, and after a beat in time that it is not', () => {
  const { clock, counters, core } = open()
  clock.advance(10_000)
  expect(core.lagMs).toBe(0)
  clock.stall(1_600)
  expect(core.lagMs).toBeGreaterThanOrEqual(1_000)
  clock.advance(0)
  expect(counters.stalls).toBe(1)
  clock.advance(1_000)
  expect(core.lagMs).toBe(0)
  clock.stall(1_600)
  // A turn, before the beat that is due.
  core.entries(key)
  expect(core.lagMs).toBeGreaterThanOrEqual(1_000)
  clock.advance(0)
  expect(core.lagMs).toBeGreaterThanOrEqual(1_000)
  expect(counters.stalls).toBe(2)
  clock.advance(1_000)
  expect(core.lagMs).toBe(0)
  clock.stall(900)
  clock.advance(0)
  expect(core.lagMs).toBeGreaterThanOrEqual(400)
  clock.advance(1_000)
  expect(core.lagMs).toBe(0)
})
