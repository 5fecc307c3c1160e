import { connectTo, FakeClock, FakeLinks, type DrivenClient } from '@app/testkit'
import { PresenceError, type PresenceUser } from '@app/protocol'
import { expect, test } from 'vitest'
import type { Policy } from './admission.ts'
import type { Authenticate } from './authenticate.ts'
import { PresenceCore } from './core.ts'
import { checkOptions } from './server-options.ts'
import type { PresenceStore, StoredClient } from './store.ts'
import { memoryStore } from './stores/memory-store.ts'

const key = 'pr:atelier'
const silent = { debug() {}, info() {}, warn() {}, error() {} }

function open({
  auth,
  mode = auth ? 'auth' : 'loopback',
  store = memoryStore(),
}: { auth?: Authenticate; mode?: Policy['mode']; store?: PresenceStore } = {}) {
  const clock = new FakeClock()
  const links = new FakeLinks()
  const policy = { mode, origins: undefined }
  const core = new PresenceCore({ ...checkOptions({ auth, store, logger: silent }), clock, transport: links, policy })
  const connect = async (clientId: number, more: object = {}): Promise<DrivenClient> => {
    const client = await connectTo(core, links, { clientId, ...more })
    client.take()
    return client
  }
  return { clock, core, links, connect }
}

const users: Record<string, PresenceUser> = { 'token-ada': { id: 'ada' }, 'token-grace': { id: 'grace' } }
const auth: Authenticate = async ({ token }) => {
  if (token === 'broken') throw new Error('the database password is hunter2')
  if (token === 'paused') throw new PresenceError('unauthorized', 'Your account is paused.')
  return token === undefined ? undefined : { user: users[token] }
}

test('[A1] the first to come binds the id to its secret; another secret is refused', async () => {
  const { connect } = open()
  await connect(7, { secret: 'a'.repeat(32) })
  await expect(connect(7, { secret: 'b'.repeat(32) })).rejects.toMatchObject({
    code: 'client-id-taken',
    canRetry: false,
  })
  await connect(7, { secret: 'a'.repeat(32) })
})

test('[A1] a binding is kept until a day after the last connection', async () => {
  const { clock, connect } = open()
  const ada = await connect(7, { secret: 'a'.repeat(32) })
  clock.advance(48 * 3_600_000)
  ada.packet()
  ada.lose()
  clock.advance(23 * 3_600_000)
  await expect(connect(7, { secret: 'b'.repeat(32) })).rejects.toMatchObject({ code: 'client-id-taken' })
  clock.advance(3 * 3_600_000)
  await connect(7, { secret: 'b'.repeat(32) })
})

test('[U1] in open mode a client is who it says', async () => {
  const { core, links } = open({ mode: 'open' })
  const ada = await connectTo(core, links, { clientId: 1, user: { id: 'ada', name: 'Ada' } })
  expect(ada.take()[0]?.[1]).toMatchObject({ user: { id: 'ada', name: 'Ada' } })
})

test('[U1] with authentication, what a client claims is ignored', async () => {
  const { core, links } = open({ auth })
  const ada = await connectTo(core, links, { clientId: 1, token: 'token-ada', user: { id: 'root' } })
  expect(ada.take()[0]?.[1]).toMatchObject({ user: { id: 'ada' } })
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  expect(core.entries(key)[0]?.user).toEqual({ id: 'ada' })
})

test('[U1] who the auth function does not know is refused, without its secrets', async () => {
  const { connect } = open({ auth })
  await expect(connect(1)).rejects.toMatchObject({ code: 'unauthorized', canRetry: false })
  const refusal = await connect(1, { token: 'broken' }).catch((error: unknown) => error)
  // It failed, and so said nothing about who this is.
  expect(refusal).toMatchObject({ code: 'unauthorized', canRetry: true, retryAfterMs: 5_000 })
  expect(JSON.stringify(refusal)).not.toContain('hunter2')
  await expect(connect(1, { token: 'paused' })).rejects.toMatchObject({ message: 'Your account is paused.' })
})

test('[U1] logging in on a live connection changes the user of its entries', async () => {
  const { clock, core, connect } = open({ auth })
  const ada = await connect(1, { token: 'token-ada' })
  ada.say('enter', key)
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  clock.advance(100)
  ada.take()
  ada.say('auth', 5, { token: 'token-grace' })
  await expect.poll(() => core.entries(key)[0]?.user).toEqual({ id: 'grace' })
  expect(ada.take()).toEqual([
    ['authed', 5, { id: 'grace' }],
    ['d', 1, 1, 2, [], [], [[1, 1, 1, 'a', 0, 30_000, expect.any(Number), { id: 'grace' }]]],
  ])
})

test('[U1] log-ins are answered in the order in which they were asked for, and a refused one changes nothing', async () => {
  let release = (): void => {}
  const slow: Authenticate = async (request) => {
    if (request.token === 'token-grace') await new Promise<void>((resolve) => (release = resolve))
    return await auth(request)
  }
  const { core, connect } = open({ auth: slow })
  const ada = await connect(1, { token: 'token-ada' })
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  ada.take()
  ada.say('auth', 1, { token: 'token-grace' })
  ada.say('auth', 2, { token: 'token-ada' })
  ada.say('auth', 3, { token: 'broken' })
  await Promise.resolve()
  release()
  const answers: unknown[] = []
  await expect.poll(() => answers.push(...ada.take())).toBe(3)
  expect(answers).toEqual([
    ['authed', 1, { id: 'grace' }],
    ['authed', 2, { id: 'ada' }],
    ['refused', expect.objectContaining({ event: 'auth', id: 3, code: 'unauthorized' })],
  ])
  expect(core.entries(key)[0]?.user).toEqual({ id: 'ada' })
})

test('[A1] a client that comes back as another user has its entries change their user', async () => {
  const { core, connect } = open()
  const ada = await connect(1, { user: { id: 'ada' } })
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  ada.lose()
  await connect(1, { user: { id: 'grace' } })
  expect(core.entries(key).map(({ slot, user }) => [slot, user])).toEqual([[1, { id: 'grace' }]])
})

test('a handshake that does not follow the protocol is refused with a code', async () => {
  const { connect } = open()
  await expect(connect(1, { v: 2 })).rejects.toMatchObject({ code: 'unsupported-version' })
  await expect(connect(0)).rejects.toMatchObject({ code: 'bad-message' })
  await expect(connect(1, { secret: 'short' })).rejects.toMatchObject({ code: 'bad-message' })
  await expect(connect(1, { user: { id: '' } })).rejects.toMatchObject({ code: 'bad-user' })
})

test('[A2] a refusal says what it is about, and the entry is as it was', async () => {
  const { core, connect } = open()
  const ada = await connect(1)
  ada.say('p', [[key, 1, 30_000, 1, 'a']])
  ada.take()
  ada.say('p', [[key, 2, 30_000, 1, 'x'.repeat(5_000)]])
  ada.say('p', [['room', 3, 30_000, 1, 'a']])
  ada.say('enter', 'room')
  ada.say('l', 'room', 4)
  const about = { message: expect.any(String), canRetry: false }
  expect(ada.take()).toEqual([
    ['refused', { ...about, event: 'p', code: 'too-large', room: key, n: 2 }],
    ['refused', { ...about, event: 'p', code: 'bad-key', room: 'room', n: 3 }],
    ['refused', { ...about, event: 'enter', code: 'bad-key', room: 'room' }],
    ['refused', { ...about, event: 'l', code: 'bad-key', room: 'room', n: 4 }],
  ])
  expect(core.entries(key).map(({ data, n }) => [data, n])).toEqual([['a', 1]])
})

test('[A2] one put of several that is refused does not hold up the others', async () => {
  const { core, connect, clock } = open()
  const ada = await connect(1)
  const answer = ada.ask('p', [
    ['pr:a', 1, 30_000, 1, 'a'],
    ['room', 2, 30_000, 1, 'b'],
    ['pr:c', 3, 30_000, 1, 'c'],
    ['room', 4, 30_000, 1, 'd'],
  ])
  expect(answer).toMatchObject({ answer: { code: 'bad-key', room: 'room' } })
  expect(ada.take()).toEqual([
    ['k', 'pr:a', 1],
    ['refused', expect.objectContaining({ code: 'bad-key', n: 4 })],
  ])
  clock.advance(5_000)
  expect(ada.take()).toEqual([['k', 'pr:c', 3]])
  expect([...core.entries('pr:a'), ...core.entries('pr:c')]).toHaveLength(2)
})

test('[A2] what is no message is refused, and the connection stays', async () => {
  const { core, connect } = open()
  const ada = await connect(1)
  const nonsense: [string, ...unknown[]][] = [
    ['nope'],
    ['p'],
    ['p', []],
    ['p', [[key, 1, 0, 1, 'a']]],
    ['p', [[key, 1, 30_000, 2, 'a']]],
    ['p', [[key, -1, 30_000, 1, 'a']]],
    ['p', 'x'],
    ['l', {}, 1],
    ['enter', 7],
    ['auth', 'x', {}],
    ['t'],
    ['__proto__'],
    ['constructor', {}],
  ]
  for (const message of nonsense) ada.say(...message)
  const refusals = ada.take()
  expect(refusals.map(([event]) => event)).toEqual(nonsense.map(() => 'refused'))
  for (const [, refusal] of refusals) expect(refusal).toMatchObject({ code: 'bad-message' })
  expect(ada.link.isClosed).toBe(false)
  expect(core.entries(key)).toEqual([])
  expect(ada.ask('t', 1)).toEqual({ answer: null })
})

test('[P8] an own key __proto__ is data', async () => {
  const { connect, core } = open()
  const ada = await connect(1)
  ada.say('p', [[key, 1, 30_000, 1, JSON.parse('{"__proto__":{"admin":true}}')]])
  expect(JSON.stringify(core.entries(key)[0]?.data)).toBe('{"__proto__":{"admin":true}}')
})

test('rooms may be called like anything that objects have', async () => {
  const { connect, core } = open()
  const ada = await connect(1)
  for (const [index, name] of ['__proto__', 'toString', 'hasOwnProperty', 'constructor'].entries()) {
    ada.say('p', [[`pr:${name}`, index + 1, 30_000, 1, name]])
    expect(core.entries(`pr:${name}`).map((entry) => entry.data)).toEqual([name])
  }
})

test('who was let in just before the server began to stop is not connected to it', async () => {
  const { core, links } = open()
  const admission = await core.admit(
    { v: 1, clientId: 7, secret: 'a'.repeat(32) },
    { origin: undefined, host: undefined, address: undefined, isForwarded: false, headers: {} },
  )
  core.drain()
  const link = links.open()
  core.connect(link, admission)
  expect([link.isClosed, link.take(), core.connected]).toEqual([true, [], 0])
})

test('[L6] of two connections of one client the one that knocked later counts, however long either was examined', async () => {
  const waiting: (() => void)[] = []
  const store = memoryStore()
  const stored: StoredClient[] = []
  const { core, links, clock } = open({
    store: {
      ...store,
      write: (changes) => {
        stored.push(...changes.clients)
        return store.write(changes)
      },
    },
    auth: ({ token }) =>
      new Promise((resolve) => {
        const admitted = () => resolve({ user: { id: String(token) } })
        if (token === 'slow') waiting.push(admitted)
        else admitted()
      }),
  })
  const older = connectTo(core, links, { clientId: 1, token: 'slow' })
  const newer = await connectTo(core, links, { clientId: 1, token: 'quick' })
  newer.say('p', [[key, 1, 30_000, 1, 'newer']])
  for (const admitted of waiting) admitted()
  const late = await older
  expect(late.link.isClosed).toBe(true)
  late.say('p', [[key, 2, 30_000, 1, 'older']])
  late.say('bye')
  expect(newer.link.isClosed).toBe(false)
  expect(core.entries(key)).toMatchObject([{ data: 'newer', user: { id: 'quick' } }])
  newer.lose()
  clock.advance(1_000)
  expect(core.connected).toBe(0)
  expect(stored.at(-1)).toMatchObject({ userId: 'quick' })
})

test('of who is connected it is stored when they were last seen; not again of those who were silent since', async () => {
  const store = memoryStore()
  const seen: unknown[] = []
  const writeSeen: PresenceStore['writeSeen'] = (some) => void seen.push(some.map(([clientId]) => clientId))
  const { connect, clock } = open({ store: { ...store, writeSeen } })
  const [ada] = [await connect(1), await connect(2)]
  clock.advance(5_000)
  expect(seen).toEqual([[1, 2]])
  clock.advance(2_000)
  ada.packet()
  clock.advance(10_000)
  expect(seen).toEqual([[1, 2], [1]])
})
