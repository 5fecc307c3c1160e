import { connectTo, FakeClock, FakeLinks, type DrivenClient } from '@app/testkit'
import type { Message } from '@app/protocol'
import { expect, test } from 'vitest'
import { PresenceCore } from './core.ts'
import { checkOptions } from './server-options.ts'

const key = 'pr:atelier'

async function open() {
  const clock = new FakeClock()
  const links = new FakeLinks()
  const core = new PresenceCore({
    ...checkOptions({}),
    auth: ({ token }) => (token === undefined ? {} : { user: { id: token } }),
    clock,
    transport: links,
    policy: { mode: 'auth', origins: undefined },
  })
  let lastId = 0
  const connect = async (token?: string): Promise<DrivenClient> => {
    const client = await connectTo(core, links, { clientId: ++lastId, token })
    client.take()
    return client
  }
  return { clock, core, links, connect }
}

const put = (client: DrivenClient, n = 1): void => client.say('p', [[key, n, 60_000, 1, n]])
const counts = (client: DrivenClient): Message[] => client.take().filter(([event]) => event === 'c')

test('[U2] who counts is told at once how many users and clients are there, and hears nothing else', async () => {
  const { clock, connect } = await open()
  const [grace, nobody, tab, otherTab] = [await connect(), await connect(), await connect('ada'), await connect('ada')]
  for (const client of [nobody, tab, otherTab]) put(client)
  expect(grace.ask('count', key)).toEqual({ answer: null })
  expect(grace.take()).toEqual([['c', key, 2, 3]])
  put(tab, 2)
  clock.advance(10_000)
  expect(grace.take()).toEqual([])
  expect(grace.asides()).toEqual([])
})

test('[U2] a client that logs in to a user who is there changes the number of users', async () => {
  const { clock, connect } = await open()
  const [grace, ada, guest] = [await connect(), await connect('ada'), await connect()]
  for (const client of [ada, guest]) put(client)
  grace.say('count', key)
  guest.say('auth', 1, { token: 'ada' })
  await new Promise<void>((resolve) => setImmediate(resolve))
  clock.advance(1_000)
  expect(grace.take()).toEqual([
    ['c', key, 2, 2],
    ['c', key, 1, 2],
  ])
})

test('a room that nobody is in has 0 users and 0 clients, and is counted on for as long as somebody asks', async () => {
  const { clock, core, connect } = await open()
  const [ada, grace] = [await connect(), await connect()]
  grace.say('count', key)
  expect(core.entries(key)).toEqual([])
  clock.advance(60_000)
  put(ada)
  clock.advance(60_000)
  put(ada, 2)
  ada.say('l', key, 3)
  clock.advance(60_000)
  put(ada, 4)
  expect(counts(grace).map(([, , users]) => users)).toEqual([0, 1, 0, 1])
  expect(grace.ask('uncount', key)).toEqual({ answer: null })
  clock.advance(1_000)
  ada.say('l', key, 5)
  clock.advance(60_000)
  expect(counts(grace)).toEqual([])
})

test('a thousand who come within a second cost each of 50 who count at most two messages, and then none', async () => {
  const { clock, connect } = await open()
  const counting: DrivenClient[] = []
  for (let i = 0; i < 50; i++) counting.push(await connect())
  for (const client of counting) {
    client.say('count', key)
    client.take()
  }
  clock.advance(5_000)
  const crowd: DrivenClient[] = []
  for (let i = 0; i < 1_000; i++) crowd.push(await connect())
  for (const client of crowd) {
    put(client)
    clock.advance(0.9)
  }
  clock.advance(1_000)
  for (const client of counting) {
    const told = counts(client)
    expect(told.length).toBeLessThanOrEqual(2)
    expect(told.at(-1)).toEqual(['c', key, 1_000, 1_000])
  }
  for (let n = 2; n < 12; n++) {
    for (const client of crowd) put(client, n)
    clock.advance(500)
  }
  for (const client of counting) expect(counts(client)).toEqual([])
})

test('numbers that are the same again after a second are not told', async () => {
  const { clock, connect } = await open()
  const [ada, alan, grace] = [await connect(), await connect(), await connect()]
  put(ada)
  grace.say('count', key)
  put(alan)
  ada.say('l', key, 2)
  clock.advance(60_000)
  expect(counts(grace)).toEqual([['c', key, 1, 1]])
})

test('one who counts and cannot keep up is skipped, and gets the newest numbers once it can', async () => {
  const { clock, connect } = await open()
  const [ada, alan, grace, slow] = [await connect(), await connect(), await connect(), await connect()]
  for (const client of [grace, slow]) client.say('count', key)
  slow.take()
  slow.jam()
  clock.advance(1_000)
  put(ada)
  clock.advance(1_000)
  put(alan)
  clock.advance(10_000)
  expect(counts(slow)).toEqual([])
  expect(counts(grace).map(([, , users]) => users)).toEqual([0, 1, 2])
  slow.drain()
  clock.advance(1_000)
  expect(slow.take()).toEqual([['c', key, 2, 2]])
  alan.say('l', key, 2)
  clock.advance(1_000)
  expect(slow.take()).toEqual([['c', key, 1, 1]])
  expect(counts(grace)).toEqual([['c', key, 1, 1]])
})

test('who counts no more, or is gone, leaves no timer', async () => {
  const { clock, connect } = await open()
  const [ada, slow] = [await connect(), await connect()]
  slow.say('count', key)
  slow.jam()
  clock.advance(1_000)
  put(ada)
  clock.advance(5_000)
  const waiting = clock.pending
  slow.say('uncount', key)
  expect(clock.pending).toBe(waiting - 1)

  slow.say('count', key)
  clock.advance(1_000)
  ada.say('l', key, 2)
  clock.advance(5_000)
  expect(clock.pending).toBe(waiting)
  slow.lose()
  clock.advance(5_000)
  expect(clock.pending).toBe(waiting - 1)
})

test('[A2] a key that is none cannot be counted', async () => {
  const { connect } = await open()
  const grace = await connect()
  grace.say('count', 'atelier')
  expect(grace.take()).toEqual([
    ['refused', expect.objectContaining({ event: 'count', code: 'bad-key', room: 'atelier' })],
  ])
})

test('who asks again and again while nothing gets out to them gets one answer once it does', async () => {
  const { clock, connect } = await open()
  const slow = await connect()
  slow.jam()
  for (let i = 0; i < 5; i++) slow.say('count', key)
  clock.advance(5_000)
  expect(counts(slow)).toEqual([])
  slow.drain()
  clock.advance(1_000)
  expect(counts(slow)).toEqual([['c', key, 0, 0]])
})
