import { afterEach, expect, test, vi } from 'vitest'
import type { LeftReason } from '../presence.ts'
import { Client } from '../client.ts'
import { createPresenceWorld, type PresenceWorld, type PresenceWorldOptions, type WorldClient } from './world.ts'

const key = 'pr:atelier'
const worlds: PresenceWorld[] = []

afterEach(() => {
  for (const world of worlds.splice(0)) world.close()
})

function open(options?: PresenceWorldOptions): PresenceWorld {
  const world = createPresenceWorld(options)
  worlds.push(world)
  return world
}

/** Ada, who is there for as long as she is, and Grace, who looks. */
async function meet(options?: PresenceWorldOptions) {
  const world = open(options)
  const ada = world.client({ user: { id: 'ada' } })
  const grace = world.client({ user: { id: 'grace' } })
  ada.onError(() => {})
  const room = grace.presence(key)
  const reasons: LeftReason[] = []
  room.onChange((_, { left }) => reasons.push(...left.map(({ reason }) => reason)))
  const track = ada.presence(key).track('here')
  await world.advance()
  return {
    world,
    ada,
    grace,
    room,
    reasons,
    track,
    names: () => [...room.value().values()].map(({ user }) => user?.id),
  }
}

test('[P1] [U1] what is put is there for all once it has arrived, with who put it', async () => {
  const { names, room, world, track, ada } = await meet()
  expect(names()).toEqual(['ada'])
  expect(room.status).toBe('live')
  track.update('still here')
  expect(room.value().get(ada.clientId)?.data).toBe('here')
  await world.advance(1_000)
  expect(room.value().get(ada.clientId)?.data).toBe('still here')
})

test('[P2] [P3] a heartbeat ends at its moment, with an event', async () => {
  const { world, grace, room, reasons } = await meet()
  const alan = world.client()
  alan.presence(key).heartbeat('for now', 5_000)
  await world.advance(0)
  await world.advance(5_000)
  expect(room.value().size).toBe(2)
  expect(grace.now()).toBe(room.value().get(alan.clientId)?.expiresAtMs)
  await world.advance(1)
  expect(room.value().size).toBe(1)
  expect(reasons).toEqual(['expired'])
})

test('[L4] close() leaves at once', async () => {
  const { world, ada, names, reasons } = await meet()
  ada.close()
  await world.advance()
  expect(names()).toEqual([])
  expect(reasons).toEqual(['left'])
})

test('[L3] who crashes is lost when the grace is over, and is of no use any more', async () => {
  const { world, ada, names, reasons } = await meet()
  ada.crash()
  await world.advance(15_000)
  expect(names()).toEqual(['ada'])
  await world.advance(1)
  expect(names()).toEqual([])
  expect(reasons).toEqual(['lost'])
  const gone = expect.objectContaining({ name: 'PresenceError', code: 'closed' })
  const calls = [
    () => ada.presence(key),
    () => ada.count(key),
    () => ada.connect(),
    () => ada.wake(),
    () => ada.online(),
    () => ada.crash(),
  ]
  for (const call of calls) expect(call).toThrow(gone)
  // What a test cleans up.
  expect(() => ada.close()).not.toThrow()
})

test('a machine that sleeps hears nothing of the network that is back: it does nothing until it wakes', async () => {
  const { world, ada, names } = await meet()
  ada.offline()
  await world.advance(20_000)
  ada.sleep()
  const { retryInMs } = ada.inspect()
  expect(retryInMs).not.toBeNull()
  ada.online()
  expect(ada.inspect().retryInMs).toBe(retryInMs)
  await world.advance(60_000)
  expect([ada.inspect().retryInMs, names()]).toEqual([retryInMs, []])
  ada.wake()
  await world.advance()
  expect(names()).toEqual(['ada'])
})

test.each(['sleep', 'offline'] as const)(
  '[L5] who is gone by %s() is lost within the lease and a second',
  async (how) => {
    const { world, ada, names, reasons } = await meet()
    ada[how]()
    await world.advance(15_000)
    expect(names()).toEqual(['ada'])
    await world.advance(16_000)
    expect(names()).toEqual([])
    expect(reasons).toEqual(['lost'])
  },
)

test.each([
  // Of the one the server has closed its end; of a cable that was pulled, five seconds without an answer tell.
  ['sleep', 'wake', 1_000],
  ['offline', 'online', 6_000],
] as const)('[L5] [R4] after %s() and %s() it is back by itself', async (go, comeBack, withinMs) => {
  const { world, ada, names, room } = await meet()
  ada[go]()
  await world.advance(120_000)
  expect(names()).toEqual([])
  ada[comeBack]()
  await world.advance(withinMs)
  expect(ada.status).toBe('connected')
  expect(names()).toEqual(['ada'])
  expect(room.value().get(ada.clientId)?.data).toBe('here')
})

test('[C1] who slept does not know how late it is, until the server has said so', async () => {
  const { world, ada } = await meet()
  const beforeMs = ada.now()
  ada.sleep()
  await world.advance(3_600_000)
  ada.wake()
  expect(ada.now()).toBe(beforeMs)
  await world.advance(1_000)
  expect(ada.now()).toBe(world.nowMs)
})

test('[L3] a short time offline is silent for everyone else', async () => {
  const { world, ada, room } = await meet()
  const before = room.value()
  ada.offline()
  await world.advance(4_000)
  ada.online()
  await world.advance(10_000)
  expect(ada.status).toBe('connected')
  expect(room.value()).toBe(before)
})

test('without a network nobody connects, and says so', async () => {
  const world = open()
  const ada = world.client()
  const codes: string[] = []
  ada.onError(({ code }) => codes.push(code))
  ada.offline()
  ada.connect()
  await world.advance(1_000)
  expect(ada.status).toBe('connecting')
  expect(codes).toEqual(['connection-failed'])
  ada.online()
  await world.advance(500)
  expect(ada.status).toBe('connected')
})

test('[U2] rooms are counted, for who is not in them too', async () => {
  const { world } = await meet()
  const other = world.client({ user: { id: 'ada' } })
  other.presence(key).track('on the telephone')
  const counts: unknown[] = []
  world
    .client()
    .count(key)
    .onChange((count) => counts.push(count))
  await world.advance(1_000)
  expect(counts.at(-1)).toEqual({ users: 1, clients: 2 })
})

test('a log-in is another user for everyone', async () => {
  const { world, ada, names } = await meet()
  const done = ada.reauthenticate({ user: { id: 'countess' } })
  await world.advance(33)
  await done
  expect(names()).toEqual(['countess'])
})

test('the same happens each time, and something else with another seed', async () => {
  /** When Ada is back after her network was gone, which is left to chance. */
  async function backAfterMs(seed: number): Promise<number> {
    const { world, ada } = await meet({ seed })
    ada.offline()
    await world.advance(60_000)
    ada.online()
    const startMs = world.nowMs
    while (ada.status !== 'connected') await world.advance(1)
    return world.nowMs - startMs
  }
  const first = await backAfterMs(1)
  expect(await backAfterMs(1)).toBe(first)
  expect(await backAfterMs(2)).not.toBe(first)
})

test('time begins where it is told to, and an advance that nobody waited for is over first', async () => {
  const world = open({ startAtMs: 5_000 })
  expect(world.nowMs).toBe(5_000)
  const first = world.advance(1_000)
  await world.advance(500)
  await first
  expect(world.nowMs).toBe(6_500)
  expect(world.client().now()).toBe(6_500)
})

test('what makes no sense is refused with a typed error', async () => {
  const bad = (code: string) => expect.objectContaining({ name: 'PresenceError', code })
  for (const options of [{ clock: 'fast' }, { clock: 'real', startAtMs: 1 }, { startAtMs: NaN }, { seed: Infinity }])
    expect(() => createPresenceWorld(options as never)).toThrow(bad('bad-options'))
  const world = open()
  for (const ms of [-1, NaN, Infinity, '5'])
    await expect(world.advance(ms as number)).rejects.toThrow(bad('bad-options'))
  expect(() => world.client({ user: {} as never })).toThrow(bad('bad-user'))
  await expect(open({ clock: 'real' }).advance(1)).rejects.toThrow(bad('bad-options'))
  world.close()
  expect(() => world.client()).toThrow(bad('closed'))
  await expect(world.advance(1)).rejects.toThrow(bad('closed'))
})

test('with a real clock it turns by itself, until it is closed: then no timer is left', async () => {
  vi.useFakeTimers()
  try {
    const { world, ada, grace, room } = await meetForReal()
    await vi.advanceTimersByTimeAsync(100)
    expect([...room.value().values()].map(({ data }) => data)).toEqual(['here'])
    expect(world.nowMs).toBe(Date.now())
    ada.crash()
    grace.offline()
    await vi.advanceTimersByTimeAsync(16_000)
    world.close()
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

async function meetForReal(): Promise<{
  world: PresenceWorld
  ada: WorldClient
  grace: WorldClient
  room: ReturnType<WorldClient['presence']>
}> {
  const world = open({ clock: 'real' })
  const [ada, grace] = [world.client(), world.client()]
  const room = grace.presence(key)
  room.onChange(() => {})
  ada.presence(key).track('here')
  return { world, ada, grace, room }
}

test('what may happen to a client has no name that means something inside of it', () => {
  const inside = ['crash', 'sleep', 'wake', 'offline', 'online'].filter((name) => name in Client.prototype)
  expect(inside).toEqual([])
})
