import { connectTo, FakeClock, FakeLinks, type DrivenClient } from '@app/testkit'
import { expect, test } from 'vitest'
import { PresenceCore } from './core.ts'
import { checkOptions, type PresenceServerOptions } from './server-options.ts'

const startMs = 1_700_000_000_000
const key = 'pr:atelier'
const silent = { debug() {}, info() {}, warn() {}, error() {} }

async function open(more: PresenceServerOptions = {}) {
  const clock = new FakeClock(startMs)
  const links = new FakeLinks()
  const policy = { mode: 'loopback', origins: undefined } as const
  const core = new PresenceCore({ ...checkOptions({ logger: silent, ...more }), clock, transport: links, policy })
  const connect = async (clientId: number): Promise<DrivenClient> => {
    const client = await connectTo(core, links, { clientId })
    client.take()
    return client
  }
  const watcher = await connect(99)
  watcher.say('enter', key)
  watcher.take()
  const present = (): number[] => core.entries(key).map((entry) => entry.clientId)
  /** Lets time pass while the clients named answer pings, as they do every 10 s. */
  const pass = (ms: number, ...alive: DrivenClient[]): void => {
    for (let left = ms; left > 0; left -= 10_000) {
      for (const client of [watcher, ...alive]) client.packet()
      clock.advance(Math.min(left, 10_000))
    }
  }
  return { clock, core, connect, watcher, present, pass }
}

const gone = (client: DrivenClient): unknown[] =>
  client.take().flatMap((message) => (message[0] === 'd' ? (message[5] ?? []) : []))

test('[P1] a lease ends ttlMs after the server received it, and a later one replaces it, also a shorter', async () => {
  const { clock, connect, present } = await open()
  const ada = await connect(1)
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  clock.advance(1_000)
  ada.say('p', [[key, 2, 2_000, 0, 'a']])
  clock.advance(2_000)
  expect(present()).toEqual([1])
  clock.advance(1)
  expect(present()).toEqual([])
})

test('[P3] expiry is told when nobody says anything', async () => {
  const { clock, connect, watcher } = await open()
  const ada = await connect(1)
  ada.say('p', [[key, 1, 2_000, 0, 'a']])
  clock.advance(2_000)
  expect(gone(watcher)).toEqual([])
  clock.advance(1)
  expect(gone(watcher)).toEqual([[1, 'expired']])
})

test('[L1] a lost connection does not shorten a timed lease', async () => {
  const { clock, connect, present } = await open()
  const ada = await connect(1)
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  ada.lose()
  clock.advance(60_000)
  expect(present()).toEqual([1])
  clock.advance(1)
  expect(present()).toEqual([])
})

test('[L2] a held lease lives as long as its connection answers, with no message to the room', async () => {
  const { connect, watcher, present, pass } = await open()
  const ada = await connect(1)
  ada.say('p', [[key, 1, 20_000, 1, 'a']])
  watcher.take()
  pass(600_000, ada)
  expect(present()).toEqual([1])
  expect(watcher.take()).toEqual([])
})

test('[L2] it never outlives the last packet by more than its ttlMs', async () => {
  const { clock, connect, watcher, present } = await open()
  const ada = await connect(1)
  ada.say('p', [[key, 1, 20_000, 1, 'a']])
  clock.advance(5_000)
  ada.packet()
  clock.advance(20_000)
  expect(present()).toEqual([1])
  clock.advance(1)
  expect(gone(watcher)).toEqual([[1, 'lost']])
})

test('[L2] a held ttlMs below heldTtlMinMs is raised to it', async () => {
  const { connect, watcher } = await open()
  const ada = await connect(1)
  ada.say('p', [[key, 1, 1, 1, 'a']])
  expect(watcher.take()).toEqual([['d', 1, 0, 1, [], [], [[1, 1, 1, 'a', 0, 20_000, startMs]]]])
})

test('[L3] when the connection is lost, a held entry stays for the grace and then goes', async () => {
  const { clock, connect, watcher, present } = await open()
  const ada = await connect(1)
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  ada.lose()
  clock.advance(15_000)
  expect(present()).toEqual([1])
  clock.advance(1)
  expect(gone(watcher)).toEqual([[1, 'lost']])
})

test('[L3] it has no more than what was left of its ttlMs', async () => {
  const { clock, connect, present } = await open()
  const ada = await connect(1)
  ada.say('p', [[key, 1, 20_000, 1, 'a']])
  clock.advance(18_000)
  ada.lose()
  clock.advance(2_000)
  expect(present()).toEqual([1])
  clock.advance(1)
  expect(present()).toEqual([])
})

test('[L3] coming back within the grace is silent, and the entry is held again', async () => {
  const { clock, connect, watcher, present, pass } = await open()
  const ada = await connect(1)
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  watcher.take()
  ada.lose()
  clock.advance(14_000)
  const back = await connect(1)
  back.say('p', [[key, 2, 30_000, 1, 'a']])
  pass(100_000, back)
  expect(present()).toEqual([1])
  expect(watcher.take()).toEqual([])
})

test('[L3] without a grace a held entry goes with its connection', async () => {
  const { clock, connect, present } = await open({ graceMs: 0 })
  const ada = await connect(1)
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  ada.lose()
  clock.advance(1)
  expect(present()).toEqual([])
})

test('[L6] what an older connection still says is not listened to', async () => {
  const { connect, core, present, pass } = await open()
  const old = await connect(1)
  old.say('p', [[key, 1, 30_000, 1, 'a']])
  const next = await connect(1)
  expect(old.link.isClosed).toBe(true)
  old.say('p', [[key, 9, 30_000, 1, 'late']])
  old.say('l', key, 10)
  old.say('bye')
  old.lose()
  pass(60_000, next)
  expect(present()).toEqual([1])
  expect(core.entries(key)[0]?.data).toBe('a')
})

test('[L7] a server that stood still gives held leases and graces that much longer, and timed ones not', async () => {
  const { clock, connect, present } = await open()
  const [held, lost, timed] = [await connect(1), await connect(2), await connect(3)]
  held.say('p', [[key, 1, 20_000, 1, 'held']])
  lost.say('p', [[key, 1, 20_000, 1, 'lost']])
  timed.say('p', [[key, 1, 20_000, 0, 'timed']])
  lost.lose()
  clock.stall(30_000)
  held.packet()
  clock.advance(0)
  expect(present()).toEqual([1, 2])
  clock.advance(15_501)
  expect(present()).toEqual([1])
})

test('[L7] [L2] a packet that comes before the stall is noticed is no proof of a life in the future', async () => {
  const { clock, connect, present, pass } = await open()
  const ada = await connect(1)
  ada.say('p', [[key, 1, 20_000, 1, 'a']])
  clock.stall(15_000)
  ada.packet()
  clock.advance(0)
  pass(20_000)
  expect(present()).toEqual([1])
  pass(1)
  expect(present()).toEqual([])
})

test('[L7] a connection that dies of the stall is not held against its client either', async () => {
  const { clock, connect, present } = await open()
  const ada = await connect(1)
  ada.say('p', [[key, 1, 20_000, 1, 'a']])
  clock.stall(60_000)
  ada.lose()
  expect(present()).toEqual([1])
})

test('[C1] a step of the system’s clock ends no lease', async () => {
  const { clock, connect, present } = await open()
  const ada = await connect(1)
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  clock.jumpWall(86_400_000)
  clock.advance(59_000)
  expect(present()).toEqual([1])
  clock.jumpWall(-172_800_000)
  clock.advance(1_500)
  expect(present()).toEqual([])
})

test('[L5] a client that falls silent, its connection still open, is gone ttlMs after its last packet and a second', async () => {
  const { clock, connect, watcher, pass } = await open()
  const ada = await connect(1)
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  pass(60_000, ada)
  ada.packet()
  watcher.take()
  clock.advance(30_000)
  expect(gone(watcher)).toEqual([])
  clock.advance(1_000)
  expect(gone(watcher)).toEqual([[1, 'lost']])
})

test('[P2] a timed lease that is renewed at the last moment is told before the old deadline, also in a busy room', async () => {
  for (const data of ['a', 'b']) {
    const { clock, connect, watcher } = await open()
    const ada = await connect(1)
    const grace = await connect(2)
    ada.say('p', [[key, 1, 10_000, 0, 'a']])
    grace.say('p', [[key, 1, 30_000, 1, 0]])
    clock.advance(9_990)
    grace.say('p', [[key, 2, 30_000, 1, 1]])
    watcher.take()
    ada.say('p', [[key, 2, 10_000, 0, data]])
    clock.advance(9)
    expect(JSON.stringify(watcher.take())).toContain(String(startMs + 9_990 + 10_000))
  }
})

test('leases too short for a call do not hurry a busy room', async () => {
  const { clock, connect, watcher } = await open({ limits: { roomPutsPerSecond: 1_000, putsPerSecond: 1_000 } })
  const ada = await connect(1)
  for (let n = 1; n <= 500; n++) {
    ada.say('p', [[key, n, 4, 0, n]])
    clock.advance(2)
  }
  expect(watcher.take().length).toBeLessThan(35)
})
