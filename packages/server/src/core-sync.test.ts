import { connectTo, FakeClock, FakeLinks, type DrivenClient } from '@app/testkit'
import { expect, test } from 'vitest'
import { PresenceCore } from './core.ts'
import { checkOptions } from './server-options.ts'

const startMs = 1_700_000_000_000
const key = 'pr:atelier'

function open(load?: number) {
  const clock = new FakeClock(startMs)
  const links = new FakeLinks()
  const policy = { mode: 'loopback', origins: undefined } as const
  const measured = load === undefined ? {} : { measureLoad: () => load }
  const core = new PresenceCore({ ...checkOptions({}), clock, transport: links, policy, ...measured })
  const connect = async (clientId: number): Promise<DrivenClient> => {
    const client = await connectTo(core, links, { clientId })
    client.take()
    return client
  }
  return { clock, links, core, connect }
}

const events = (client: DrivenClient): unknown[] => client.take().map(([event]) => event)

test('the first message is the hello', async () => {
  const { core, links } = open()
  const ada = await connectTo(core, links, { clientId: 7, user: { id: 'ada' } })
  expect(ada.take()).toEqual([
    [
      'hello',
      {
        v: 1,
        epoch: core.epoch,
        nowMs: startMs,
        user: { id: 'ada' },
        heldTtlMinMs: 20_000,
        windowMs: 500,
        sendMs: 33,
        dataBytes: 4_096,
        keyBytes: 256,
      },
    ],
  ])
})

test('[S1] entering gives one snapshot, then every delta after it', async () => {
  const { clock, core, connect } = open()
  const [ada, grace] = [await connect(1), await connect(2)]
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  grace.say('enter', key)
  expect(grace.take()).toEqual([['s', key, 1, core.epoch, 1, [[1, 1, 1, 'a', startMs + 60_000, 0, startMs]]]])
  clock.advance(100)
  ada.say('p', [[key, 2, 60_000, 0, 'b']])
  expect(grace.take()).toEqual([['d', 1, 1, 2, [[1, 2, 'b', startMs + 60_100]]]])
})

test('[S1] who enters a busy room gets the snapshot with its next flush: no gap, no double', async () => {
  const { clock, connect, core } = open()
  const [ada, grace] = [await connect(1), await connect(2)]
  ada.say('enter', key)
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  ada.say('p', [[key, 2, 30_000, 1, 'b']])
  const asked = grace.ask('enter', key)
  ada.say('p', [[key, 3, 30_000, 1, 'c']])
  expect(asked).toBeUndefined()
  expect(grace.take()).toEqual([])
  clock.advance(33)
  expect(grace.take()).toEqual([['s', key, 1, core.epoch, 2, [[1, 1, 3, 'c', 0, 30_000, startMs]]]])
  clock.advance(33)
  ada.say('p', [[key, 4, 30_000, 1, 'd']])
  expect(grace.take()).toEqual([['d', 1, 2, 3, [[1, 4, 'd']]]])
})

test('[S1] entering again gives a new snapshot', async () => {
  const { connect } = open()
  const ada = await connect(1)
  ada.say('enter', key)
  ada.say('enter', key)
  expect(events(ada)).toEqual(['s', 's'])
})

test('who exits hears no more, and the entry stays', async () => {
  const { clock, core, connect } = open()
  const [ada, grace] = [await connect(1), await connect(2)]
  ada.say('enter', key)
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  ada.say('exit', key)
  ada.take()
  clock.advance(100)
  grace.say('p', [[key, 1, 60_000, 0, 'b']])
  expect(ada.take()).toEqual([])
  expect(core.entries(key)).toHaveLength(2)
})

test('a quiet room is told at once, a busy one once per 33 ms, each time in one message for all', async () => {
  const { clock, links, connect } = open()
  const clients = [await connect(1), await connect(2), await connect(3)]
  for (const client of clients) client.say('enter', key)
  for (const client of clients) client.take()
  for (let n = 1; n <= 10; n++) for (const client of clients) client.say('p', [[key, n, 30_000, 1, { n }]])
  expect(links.broadcasts).toBe(1)
  clock.advance(33)
  expect(links.broadcasts).toBe(2)
  clock.advance(1_000)
  expect(links.broadcasts).toBe(2)
  for (const client of clients) expect(events(client)).toEqual(['d', 'd'])
})

test('a small room is told more often by an idle process, and less often by a busy one', async () => {
  const flushesIn2s = async (load: number): Promise<number> => {
    const { clock, links, connect } = open(load)
    const clients = [await connect(1), await connect(2), await connect(3)]
    for (const client of clients) client.say('enter', key)
    // From now on the load is known.
    clock.advance(1_000)
    const before = links.broadcasts
    for (let n = 1; n <= 200; n++) {
      clients[n % 3]?.say('p', [[key, n, 30_000, 1, { n }]])
      clock.advance(10)
    }
    return links.broadcasts - before
  }
  expect([await flushesIn2s(0.1), await flushesIn2s(0.5), await flushesIn2s(1)]).toEqual([134, 61, 16])
})

test('a room where nobody listens is not told anything, and whoever comes finds the newest', async () => {
  const { clock, connect } = open()
  const [ada, grace] = [await connect(1), await connect(2)]
  for (let n = 1; n <= 50; n++) {
    ada.say('p', [[key, n, 30_000, 1, { n }]])
    clock.advance(50)
  }
  grace.say('enter', key)
  expect(grace.take()).toEqual([
    ['s', key, 1, expect.any(String), 1, [[1, 1, 50, { n: 50 }, 0, 30_000, expect.any(Number)]]],
  ])
})

test('[P5] renewals are gathered, and told before the old deadline', async () => {
  const { clock, links, connect } = open()
  const [ada, grace] = [await connect(1), await connect(2)]
  ada.say('enter', key)
  ada.say('p', [[key, 1, 10_000, 0, 'a']])
  grace.say('p', [[key, 1, 10_000, 0, 'b']])
  clock.advance(5_000)
  ada.take()
  const before = links.broadcasts
  ada.say('p', [[key, 2, 10_000, 0, 'a']])
  clock.advance(500)
  grace.say('p', [[key, 2, 10_000, 0, 'b']])
  expect(links.broadcasts).toBe(before)
  clock.advance(500)
  expect(ada.take()).toEqual([
    [
      'd',
      1,
      2,
      3,
      [],
      [],
      [],
      [
        [1, 2, startMs + 15_000, 0],
        [2, 2, startMs + 15_500, 0],
      ],
    ],
  ])

  clock.advance(9_000 - 100)
  grace.say('p', [[key, 3, 10_000, 0, 'b']])
  ada.say('p', [[key, 3, 10_000, 0, 'a']])
  clock.advance(50)
  expect(ada.take()).toHaveLength(1)
})

test('[P5] a renewal goes along with a delta that is due anyway', async () => {
  const { clock, connect } = open()
  const [ada, grace] = [await connect(1), await connect(2)]
  ada.say('enter', key)
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  clock.advance(1_000)
  ada.take()
  ada.say('p', [[key, 2, 60_000, 0, 'a']])
  grace.say('p', [[key, 1, 30_000, 1, 'b']])
  expect(ada.take()).toEqual([
    ['d', 1, 1, 2, [], [], [[2, 2, 1, 'b', 0, 30_000, startMs + 1_000]], [[1, 2, startMs + 61_000, 0]]],
  ])
})

test('[P5] an unchanged held entry is confirmed to its sender, and to nobody else', async () => {
  const { clock, connect } = open()
  const [ada, grace] = [await connect(1), await connect(2)]
  grace.say('enter', key)
  ada.say('enter', key)
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  clock.advance(100)
  ada.take()
  grace.take()
  ada.say('p', [[key, 2, 30_000, 1, 'a']])
  clock.advance(5_000)
  expect(ada.take()).toEqual([['k', key, 2]])
  expect(grace.take()).toEqual([])
})

test('[P7] a repeated number is confirmed and changes nothing', async () => {
  const { clock, connect, core } = open()
  const ada = await connect(1)
  ada.say('p', [[key, 5, 30_000, 1, 'new']])
  ada.say('p', [[key, 5, 1_000, 0, 'old']])
  ada.say('l', key, 4)
  clock.advance(5_000)
  expect(ada.take()).toEqual([
    ['k', key, 5],
    ['k', key, 4],
    ['k', key, 5],
  ])
  expect(core.entries(key).map((entry) => entry.data)).toEqual(['new'])
})

test('who puts without listening is confirmed by k', async () => {
  const { connect } = open()
  const ada = await connect(1)
  expect(ada.ask('p', [[key, 1, 30_000, 1, 'a']])).toEqual({ answer: null })
  expect(ada.take()).toEqual([['k', key, 1]])
})

test('[P6] a leave takes the entry away at once, is confirmed, and twice is once', async () => {
  const { clock, connect } = open()
  const [ada, grace] = [await connect(1), await connect(2)]
  grace.say('enter', key)
  ada.say('p', [[key, 1, 60_000, 0, 'a']])
  clock.advance(100)
  grace.take()
  ada.take()
  ada.say('l', key, 2)
  ada.say('l', key, 2)
  expect(ada.take()).toEqual([
    ['k', key, 2],
    ['k', key, 2],
  ])
  expect(grace.take()).toEqual([['d', 1, 1, 2, [], [[1, 'left']]]])
})

test('[L4] bye takes all entries of the client away, at once', async () => {
  const { clock, core, connect } = open()
  const [ada, grace] = [await connect(1), await connect(2)]
  grace.say('enter', key)
  ada.say('p', [
    [key, 1, 60_000, 0, 'a'],
    ['pr:cellar', 2, 30_000, 1, 'a'],
  ])
  clock.advance(100)
  grace.take()
  ada.say('bye')
  expect(grace.take()).toEqual([['d', 1, 1, 2, [], [[1, 'left']]]])
  expect(core.entries('pr:cellar')).toEqual([])
})

test('a room by its number is the room whose snapshot gave it, for that connection only', async () => {
  const { connect, core } = open()
  const [ada, eve] = [await connect(1), await connect(2)]
  ada.say('enter', key)
  ada.say('p', [[1, 1, 30_000, 1, 'a']])
  eve.say('p', [[1, 1, 30_000, 1, 'e']])
  expect(core.entries(key).map((entry) => entry.clientId)).toEqual([1])
  expect(eve.take()).toEqual([
    ['refused', expect.objectContaining({ event: 'p', code: 'bad-message', n: 1, canRetry: false })],
  ])
})

test('a number still names its room after everybody has left', async () => {
  const { connect, core } = open()
  const ada = await connect(1)
  ada.say('enter', key)
  ada.say('exit', key)
  ada.say('p', [[1, 1, 30_000, 1, 'a']])
  expect(core.entries(key)).toHaveLength(1)
  ada.say('l', 1, 2)
  expect(core.entries(key)).toHaveLength(0)
})

test('a room without entries and listeners is dropped, and is another one when it comes back', async () => {
  const { connect, clock } = open()
  const ada = await connect(1)
  ada.say('enter', key)
  ada.say('exit', key)
  clock.advance(1_000)
  ada.say('enter', key)
  expect(ada.take().map((message) => message[2])).toEqual([1, 2])
})

test('[U2] two clients of one user are two entries', async () => {
  const { core, links } = open()
  for (const clientId of [1, 2]) {
    const tab = await connectTo(core, links, { clientId, user: { id: 'ada' } })
    tab.say('p', [[key, 1, 30_000, 1, 'a']])
  }
  expect(core.entries(key).map(({ clientId, user }) => [clientId, user?.id])).toEqual([
    [1, 'ada'],
    [2, 'ada'],
  ])
})

test('a kicked entry goes for that reason, and its client is told', async () => {
  const { clock, core, connect } = open()
  const [ada, grace] = [await connect(1), await connect(2)]
  grace.say('enter', key)
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  clock.advance(100)
  ada.take()
  grace.take()
  expect(core.kick(key, 1, 0)).toBe(true)
  expect(core.kick(key, 1, 0)).toBe(false)
  expect(ada.take()).toEqual([
    ['refused', expect.objectContaining({ event: 'kick', code: 'kicked', room: key, canRetry: false })],
  ])
  expect(grace.take()).toEqual([['d', 1, 1, 2, [], [[1, 'kicked']]]])
})

test('a drain tells everybody when to come back, and lets in nobody new', async () => {
  const { core, links, connect } = open()
  const ada = await connect(1)
  core.drain()
  expect(ada.take()).toEqual([['drain', 500]])
  await expect(connectTo(core, links, { clientId: 2 })).rejects.toMatchObject({ code: 'draining', canRetry: true })
})
