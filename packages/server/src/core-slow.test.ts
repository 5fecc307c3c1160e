import { connectTo, FakeClock, FakeLinks, type DrivenClient } from '@app/testkit'
import { hashVersions } from '@app/protocol'
import { expect, test } from 'vitest'
import { PresenceCore } from './core.ts'
import { checkOptions } from './server-options.ts'

const key = 'pr:atelier'

function forgetAll(client: DrivenClient): void {
  client.take()
  client.asides()
}

async function open(count: number) {
  const clock = new FakeClock()
  const links = new FakeLinks()
  const core = new PresenceCore({
    ...checkOptions({}),
    clock,
    transport: links,
    policy: { mode: 'loopback', origins: undefined },
  })
  const clients: DrivenClient[] = []
  for (let clientId = 1; clientId <= count; clientId++) {
    const client = await connectTo(core, links, { clientId })
    client.say('enter', key)
    clients.push(client)
  }
  for (const client of clients) forgetAll(client)
  const [ada, grace, alan] = clients as [DrivenClient, DrivenClient, DrivenClient]
  return { clock, core, links, clients, ada, grace, alan }
}

test('[S1] a listener who cannot keep up gets one merged delta when it can, and then every delta live', async () => {
  const { clock, ada, grace, alan } = await open(3)
  alan.jam()
  for (let n = 1; n <= 50; n++) {
    clock.advance(33)
    ada.say('p', [[key, n, 30_000, 1, n]])
  }
  expect(alan.take()).toEqual([])
  expect(grace.take().length).toBe(50)
  alan.drain()
  const missed = alan.take()
  expect(missed.map(([event, , from, to]) => [event, from, to])).toEqual([['d', 0, 50]])
  expect(missed.flatMap((delta) => delta[6] as unknown[][]).map((row) => row.slice(0, 6))).toEqual([
    [1, 1, 50, 50, 0, 30_000],
  ])
  clock.advance(33)
  ada.say('p', [[key, 51, 30_000, 1, 51]])
  expect(alan.take().map(([, , from, to]) => [from, to])).toEqual([[50, 51]])
})

test('a listener who stays behind for over 30 s is let go with slow-client, and nobody else is affected', async () => {
  const { clock, core, ada, grace, alan } = await open(3)
  alan.say('p', [[key, 1, 30_000, 1, 'alan']])
  alan.jam()
  ada.say('p', [[key, 1, 60_000, 0, 'ada']])
  for (let i = 0; i < 8; i++) {
    clock.advance(5_000)
    for (const each of [ada, grace, alan]) each.packet()
  }
  expect(alan.take().at(-1)?.[1]).toMatchObject({ event: 'connect', code: 'slow-client', canRetry: true })
  expect(alan.link.isClosed).toBe(true)
  expect(grace.link.isClosed).toBe(false)
  expect(core.connected).toBe(2)
  // What it held waits for it in its grace.
  expect(core.entries(key).map(({ clientId }) => clientId)).toContain(3)
})

test('a listener for whom over a megabyte waits is let go', async () => {
  const { clock, core, ada, alan } = await open(3)
  alan.jam()
  for (let i = 0; i < 300; i++) {
    // The rooms of a jammed listener are its own trouble: 300 entries of 4 kB each.
    const other = i + 100
    const peer = await connectTo(core, new FakeLinks(), { clientId: other })
    peer.say('p', [[key, 1, 60_000, 0, 'x'.repeat(4_000)]])
  }
  clock.advance(5_000)
  ada.packet()
  clock.advance(5_000)
  expect(alan.link.isClosed).toBe(true)
})

test('[S2] within a minute each listener is told the hash of its versions, and a quiet room costs nothing else', async () => {
  const { clock, clients, ada } = await open(3)
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  for (const client of clients) forgetAll(client)
  for (let second = 0; second < 60; second++) {
    clock.advance(1_000)
    for (const client of clients) client.packet()
  }
  for (const client of clients) {
    const hash = hashVersions([{ number: 1, version: 1 }])
    expect(client.asides().filter(([event]) => event === 'v')).toContainEqual(['v', hash])
    expect(client.take()).toEqual([])
  }
})

test('who listens alone is told to put once a second, until somebody else listens', async () => {
  const { core, links, ada, grace } = await open(2)
  grace.say('exit', key)
  expect(ada.asides()).toEqual([['pace', key, 1_000]])
  grace.say('enter', key)
  expect(ada.asides()).toEqual([['pace', key, 33]])
  const alan = await connectTo(core, links, { clientId: 3 })
  alan.say('enter', key)
  expect(ada.asides()).toEqual([])
  alan.lose()
  grace.lose()
  expect(ada.asides()).toEqual([['pace', key, 1_000]])
})

test('a listener who was behind when the pace changed hears of it once it has caught up', async () => {
  const { clock, ada, grace, alan } = await open(3)
  grace.say('exit', key)
  alan.jam()
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  ada.say('exit', key)
  clock.advance(33)
  alan.drain()
  expect(alan.asides()).toEqual([['pace', key, 1_000]])
})

test('[L7] a stall of the server does not count as time in which a listener could have caught up', async () => {
  const { clock, ada, alan } = await open(3)
  alan.jam()
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  clock.advance(33)
  clock.stall(31_000)
  clock.advance(10_000)
  expect(alan.take()).toEqual([])
  expect(alan.link.isClosed).toBe(false)
})
