import { connectTo, FakeClock, FakeLinks, type DrivenClient } from '@app/testkit'
import { describe, expect, test } from 'vitest'
import type { Authenticate } from './authenticate.ts'
import { PresenceCore } from './core.ts'
import { checkOptions, type PresenceServerOptions } from './server-options.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

function open(options: PresenceServerOptions) {
  const clock = new FakeClock()
  const links = new FakeLinks()
  const core = new PresenceCore({
    ...checkOptions({ logger: silent, ...options }),
    clock,
    transport: links,
    policy: { mode: 'open', origins: undefined },
  })
  const connect = async (clientId: number, who: object = {}, address?: string): Promise<DrivenClient> => {
    const client = await connectTo(core, links, { clientId, ...who }, { address })
    client.take()
    return client
  }
  const here = (place: string) => core.entries(place).map(({ clientId }) => clientId)
  return { clock, core, connect, here }
}

const put = (room: string, n: number) => [[room, n, 30_000, 1, n]]
const codes = (client: DrivenClient) =>
  client.take().flatMap(([event, about]) => (event === 'refused' ? [(about as { code: string }).code] : []))
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('rooms of one connection', () => {
  const limits = { rooms: 2 }

  test('[A2] entered, counted and put into, are so many; one more is too many', async () => {
    const { connect, here } = open({ limits })
    const ada = await connect(1)
    ada.say('enter', 'pr:a')
    ada.say('p', put('pr:b', 1))
    expect(codes(ada)).toEqual([])
    ada.say('enter', 'pr:c')
    ada.say('count', 'pr:c')
    ada.say('p', put('pr:c', 2))
    const told = ada.take()
    expect(told.map(([, about]) => (about as { event: string }).event)).toEqual(['enter', 'count', 'p'])
    for (const [, about] of told)
      expect(about).toMatchObject({
        code: 'too-many-rooms',
        room: 'pr:c',
        canRetry: true,
        retryAfterMs: 5_000,
        message: expect.stringContaining('2 rooms'),
      })
    expect(here('pr:c')).toEqual([])
  })

  test('[A2] derived keys are not counted, and a room that is left makes room', async () => {
    const { connect, here } = open({ limits })
    const ada = await connect(1)
    for (const room of ['pr:a', 'pr:b'])
      for (const key of [room, `${room}/cursors`, `${room}/typing`]) {
        ada.say('enter', key)
        ada.say('count', key)
      }
    ada.say('p', put('pr:a/cursors', 1))
    expect(codes(ada)).toEqual([])
    for (const key of ['pr:a', 'pr:a/cursors', 'pr:a/typing']) {
      ada.say('exit', key)
      ada.say('uncount', key)
    }
    ada.say('enter', 'pr:c')
    expect(codes(ada)).toEqual(['too-many-rooms'])
    ada.say('l', 'pr:a/cursors', 2)
    ada.say('enter', 'pr:c')
    ada.say('p', put('pr:c', 3))
    expect(codes(ada)).toEqual([])
    expect(here('pr:c')).toEqual([1])
  })

  test('[A3] puts that wait for a slot are of so many rooms at most', async () => {
    const { clock, connect, here } = open({ limits: { rooms: 2, putsPerSecond: 1 } })
    const ada = await connect(1)
    ada.say(
      'p',
      [...Array(10).keys()].map((i) => put(`pr:room-${i}`, i + 1)[0]),
    )
    // The first was placed, six wait: three for each room.
    expect(codes(ada)).toEqual(['rate-limited', 'too-many-rooms', 'too-many-rooms', 'too-many-rooms'])
    ada.say('p', put('pr:room-1', 11))
    clock.advance(1_000)
    expect(here('pr:room-1')).toEqual([1])
    expect(codes(ada)).toEqual([])
  })
})

describe('what a connection sends', () => {
  test('[A2] more messages a second than it may end it, and those who keep within go on', async () => {
    const { clock, connect } = open({ limits: { messagesPerSecond: 100 } })
    const [ada, bob] = [await connect(1), await connect(2)]
    for (let second = 0; second < 5; second++) {
      for (let i = 0; i < 100; i++) ada.say('t', i + 1)
      clock.advance(1_000)
    }
    expect(ada.link.isClosed).toBe(false)
    for (let i = 0; i < 101; i++) bob.say('t', i + 1)
    expect(bob.take().at(-1)).toEqual([
      'refused',
      {
        event: 'connect',
        code: 'rate-limited',
        message: expect.stringContaining('100 a second'),
        canRetry: true,
        retryAfterMs: 5_000,
      },
    ])
    expect(bob.link.isClosed).toBe(true)
  })

  test('[A3] each put of a message but the first counts as another message', async () => {
    const { connect, here } = open({ limits: { messagesPerSecond: 100, rooms: 1_000 } })
    const [ada, bob] = [await connect(1), await connect(2)]
    const rows = (count: number) => [...Array(count).keys()].map((i) => put(`pr:room-${i}`, i + 1)[0])
    ada.say('p', rows(100))
    expect(ada.link.isClosed).toBe(false)
    bob.say('p', [...rows(100), ...put('pr:late', 101)])
    expect(codes(bob)).toEqual(['rate-limited'])
    expect(bob.link.isClosed).toBe(true)
    expect(here('pr:late')).toEqual([])
    expect(here('pr:room-99')).toEqual([1, 2])
  })

  test('[A2] each put of a message that is refused, but for the first, counts as a message of its own', async () => {
    const { connect } = open({ limits: { messagesPerSecond: 100 } })
    const [ada, bob] = [await connect(1), await connect(2)]
    const refused = (count: number) => Array.from({ length: count }, (_, n) => ['no key', n + 1, 1, 1, 0])
    ada.say('p', refused(100))
    expect(codes(ada)).toHaveLength(100)
    expect(ada.link.isClosed).toBe(false)
    bob.say('p', refused(1_000))
    const told = codes(bob)
    expect(told).toHaveLength(101)
    expect(told.at(-1)).toBe('rate-limited')
    expect(bob.link.isClosed).toBe(true)
  })

  test('[A2] messages that are none are refused, and too many of them end it', async () => {
    const { connect } = open({ limits: { badMessages: 3 } })
    const ada = await connect(1)
    ada.say('hello?')
    ada.say('p', 'nothing')
    ada.say('enter', 'no key')
    expect(ada.link.isClosed).toBe(false)
    ada.say('t', -1)
    expect(codes(ada)).toEqual(['bad-message', 'bad-message', 'bad-key', 'bad-message', 'bad-message'])
    expect(ada.link.isClosed).toBe(true)
  })

  test('[A2] a message that is too large ends it', async () => {
    const { core, connect } = open({})
    const ada = await connect(1)
    ada.oversize(1_000)
    expect(ada.take()).toEqual([
      [
        'refused',
        { event: 'connect', code: 'too-large', message: expect.stringContaining('1000 bytes'), canRetry: false },
      ],
    ])
    expect(ada.link.isClosed).toBe(true)
    expect(core.connected).toBe(0)
  })

  test('[A2] only so many log-ins are under way at a time', async () => {
    const answers: (() => void)[] = []
    let isSlow = false
    const auth: Authenticate = () => {
      if (!isSlow) return {}
      return new Promise((resolve) => answers.push(() => resolve({})))
    }
    const { connect } = open({ auth })
    const ada = await connect(1)
    isSlow = true
    for (let id = 1; id <= 7; id++) ada.say('auth', id, {})
    expect(ada.take().map(([, about]) => about)).toMatchObject([
      { event: 'auth', id: 6, code: 'rate-limited', canRetry: true },
      { event: 'auth', id: 7, code: 'rate-limited', canRetry: true },
    ])
    for (let asked = 0; asked < 5; asked++) {
      await settled()
      answers.shift()?.()
    }
    await settled()
    expect(ada.take().map(([, id]) => id)).toEqual([1, 2, 3, 4, 5])
  })
})

describe('what a connection does not read', () => {
  test('[S1] it gets a snapshot once it reads again, however often it asked', async () => {
    const { connect } = open({})
    const [ada, bob] = [await connect(1), await connect(2)]
    bob.say('p', put('pr:a', 1))
    ada.jam()
    for (let i = 0; i < 5; i++) ada.say('enter', 'pr:a')
    expect(ada.take()).toEqual([])
    bob.say('p', put('pr:a', 2))
    ada.drain()
    expect(ada.take().map(([event]) => event)).toEqual(['s'])
    bob.say('p', put('pr:a', 3))
    expect(ada.link.groups.size).toBe(1)
  })

  test('[A2] it is let go when it asks and does not read for half a minute', async () => {
    const { clock, connect } = open({})
    const ada = await connect(1)
    ada.jam()
    ada.say('enter', 'pr:a')
    for (let seconds = 0; seconds < 40; seconds++) {
      clock.advance(1_000)
      ada.packet()
    }
    expect(codes(ada)).toEqual(['slow-client'])
    expect(ada.link.isClosed).toBe(true)
  })

  test('[A2] it is let go when it asks for more while very much waits for it', async () => {
    const { connect } = open({})
    const ada = await connect(1)
    ada.say('t', 1)
    expect(ada.link.isClosed).toBe(false)
    ada.link.isOverfull = true
    ada.say('t', 2)
    expect(codes(ada)).toEqual(['slow-client'])
    const bob = await connect(2)
    bob.link.isOverfull = true
    bob.say('p', [...put('pr:a', 1), ...put('no key', 2), ...put('no key', 3)])
    expect(codes(bob)).toEqual(['slow-client'])
  })
})

describe('entries of one user', () => {
  const auth: Authenticate = ({ token = '' }) => ({ user: token === '' ? null : { id: token } })

  test('[A2] are so many, in whatever rooms and of whatever clients; one that goes makes room', async () => {
    const { clock, connect, here } = open({ auth, limits: { userEntries: 3 } })
    const [one, two, bob] = [
      await connect(1, { token: 'ada' }),
      await connect(2, { token: 'ada' }),
      await connect(3, { token: 'bob' }),
    ]
    one.say('p', put('pr:a', 1))
    one.say('p', put('pr:b', 2))
    two.say('p', [['pr:a', 1, 5_000, 0, 'timed']])
    two.say('p', put('pr:c', 2))
    expect(two.take().at(-1)?.[1]).toMatchObject({
      code: 'too-many-rooms',
      room: 'pr:c',
      canRetry: true,
      retryAfterMs: 5_000,
      message: expect.stringContaining('3 entries'),
    })
    one.say('p', put('pr:a', 3))
    bob.say('p', put('pr:c', 1))
    expect([codes(one), codes(bob)]).toEqual([[], []])
    clock.advance(5_001)
    two.say('p', put('pr:c', 3))
    expect(here('pr:c')).toEqual([3, 2])
    one.say('p', put('pr:d', 4))
    expect(codes(one)).toEqual(['too-many-rooms'])
  })

  test('[A2] are counted as whose they are, also after a log-in', async () => {
    const { connect } = open({ auth, limits: { userEntries: 1 } })
    const one = await connect(1, { token: 'ada' })
    one.say('p', put('pr:a', 1))
    one.say('auth', 1, { token: 'bob' })
    await settled()
    one.say('p', put('pr:b', 2))
    expect(codes(one)).toEqual(['too-many-rooms'])
    const ada = await connect(2, { token: 'ada' })
    ada.say('p', put('pr:b', 1))
    expect(codes(ada)).toEqual([])
  })
})

describe('connections', () => {
  const limits = { userConnections: 2, addressConnections: 3 }
  const tooMany = { code: 'too-many-connections', canRetry: true, retryAfterMs: 10_000 }
  const auth: Authenticate = ({ token }) => ({ user: token === undefined ? null : { id: token } })
  const ada = { token: 'ada' }

  test('[A2] of one user are so many; one that comes back, and another user, is let in', async () => {
    const { connect } = open({ limits, auth })
    const [first] = [await connect(1, ada), await connect(2, ada)]
    await expect(connect(3, ada)).rejects.toMatchObject(tooMany)
    await connect(1, ada)
    await connect(4, { token: 'bob' })
    await connect(5)
    first.lose()
    await expect(connect(3, ada)).rejects.toMatchObject(tooMany)
    ;(await connect(2, ada)).lose()
    await connect(3, ada)
  })

  test('[A2] of one user are so many also when they log in later', async () => {
    const { connect } = open({ limits, auth })
    await connect(1, { token: 'ada' })
    await connect(2, { token: 'ada' })
    const late = await connect(3)
    late.say('auth', 1, { token: 'ada' })
    await settled()
    expect(codes(late)).toEqual(['too-many-connections'])
    late.say('auth', 2, { token: 'bob' })
    await settled()
    await connect(4, { token: 'bob' })
    await expect(connect(5, { token: 'bob' })).rejects.toMatchObject(tooMany)
  })

  test('[A4] in open mode, who claims to be a user takes no place of that user’s', async () => {
    const { connect } = open({ limits })
    for (let id = 1; id <= 5; id++) await connect(id, { user: { id: 'ada' } })
  })

  test('[A2] are so many also when all of them come at once', async () => {
    let asked = 0
    const counting: Authenticate = (request) => {
      asked++
      return auth(request)
    }
    const { core, connect } = open({ limits, auth: counting })
    const addresses = await Promise.all(Array.from({ length: 20 }, (_, id) => connect(id + 1, {}, '192.0.2.1')))
    const users = await Promise.all(Array.from({ length: 20 }, (_, id) => connect(id + 101, ada)))
    for (const [crowd, most] of [
      [addresses, 3],
      [users, 2],
    ] as const) {
      expect(crowd.filter(({ link }) => !link.isClosed).length).toBe(most)
      expect(crowd.flatMap((client) => client.link.groups.size).some((size) => size > 0)).toBe(false)
    }
    expect(core.connected).toBe(5)
    asked = 0
    await expect(connect(50, ada, '192.0.2.1')).rejects.toMatchObject(tooMany)
    expect(asked).toBe(0)
  })

  test('[A2] of a user without a tenant are not those of another tenant’s user', async () => {
    const { connect } = open({
      limits: { userConnections: 1 },
      auth: ({ token = '' }) => (token === 'red' ? { user: { id: 'ada' }, tenant: 'red' } : { user: { id: token } }),
    })
    await connect(1, { token: 'red!ada' })
    await connect(2, { token: 'red' })
  })

  test('[A2] from one address are so many, from one /64 of IPv6 too, and any number from this machine', async () => {
    const { connect } = open({ limits })
    for (let id = 1; id <= 3; id++) await connect(id, {}, '192.0.2.1')
    await expect(connect(4, {}, '192.0.2.1')).rejects.toMatchObject(tooMany)
    await expect(connect(4, {}, '::ffff:192.0.2.1')).rejects.toMatchObject(tooMany)
    await connect(4, {}, '192.0.2.2')
    for (let id = 11; id <= 13; id++) await connect(id, {}, `2001:db8:0:7::${id}`)
    await expect(connect(14, {}, '2001:db8::7:0:0:0:99')).rejects.toMatchObject(tooMany)
    await connect(14, {}, '2001:db8:0:8::1')
    for (let id = 21; id <= 30; id++) await connect(id, {}, '127.0.0.1')
  })
})

test('[A4] a proxy that nobody has named is told of, once', async () => {
  for (const [trustProxy, times] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const warnings: string[] = []
    const logger = { ...silent, warn: (_: object, sentence: string) => void warnings.push(sentence) }
    const { core } = open({ logger, trustProxy })
    const links = new FakeLinks()
    for (const clientId of [1, 2]) await connectTo(core, links, { clientId }, { isForwarded: true })
    expect(warnings.filter((sentence) => sentence.includes('PRESENCE_TRUST_PROXY')).length).toBe(times)
  }
})

test('[A2] an auth function that does not answer refuses the client, which may try again', async () => {
  const { clock, connect } = open({ auth: () => new Promise(() => {}), limits: { handshakeMs: 5_000 } })
  const refusal = connect(1).catch((error: unknown) => error)
  await settled()
  clock.advance(5_000)
  expect(await refusal).toMatchObject({ code: 'timeout', canRetry: true })
})
