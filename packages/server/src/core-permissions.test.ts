import { connectTo, FakeClock, FakeLinks, type DrivenClient } from '@app/testkit'
import { describe, expect, test, vi } from 'vitest'
import type { Identity } from './authenticate.ts'
import { PresenceCore } from './core.ts'
import { checkOptions } from './server-options.ts'
import { memoryStore } from './stores/memory-store.ts'
import type { PresenceStore } from './store.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const startMs = new FakeClock().wallMs()

/** Tokens are names of identities, which a test may change. */
function open(identities: Record<string, Identity>, store: PresenceStore = memoryStore(), restart?: 'resume') {
  const clock = new FakeClock()
  const links = new FakeLinks()
  const auth = ({ token = '' }: { token: string | undefined }) => identities[token]
  const core = new PresenceCore({
    ...checkOptions({ auth, store, logger: silent, restart }),
    clock,
    transport: links,
    policy: { mode: 'auth', origins: undefined },
  })
  const connect = (clientId: number, token: string): Promise<DrivenClient> =>
    connectTo(core, links, { clientId, token })
  const connectQuietly = async (clientId: number, token: string): Promise<DrivenClient> => {
    const client = await connect(clientId, token)
    client.take()
    return client
  }
  const here = (place: string) => core.entries(place).map(({ clientId, data }) => [clientId, data])
  return { clock, core, connect: connectQuietly, connectLoudly: connect, here }
}

const refusal = (event: string, room: string, more: object = {}) => [
  'refused',
  { event, room, code: 'not-allowed', message: expect.stringContaining(room), canRetry: false, ...more },
]
const put = (room: string, n: number, data: unknown = 'x') => [[room, n, 30_000, 1, data]]
/** Who logs in is answered once the auth function has. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('permissions', () => {
  test('[S5] who may not read a room can neither enter nor count it, nor its cursors', async () => {
    const { connect } = open({ ada: { rooms: { read: ['pr:board'], write: ['pr:**'] } } })
    const ada = await connect(1, 'ada')
    ada.say('enter', 'pr:secret')
    ada.say('count', 'pr:secret')
    ada.say('enter', 'pr:secret/cursors')
    expect(ada.take()).toEqual([
      refusal('enter', 'pr:secret'),
      refusal('count', 'pr:secret'),
      refusal('enter', 'pr:secret/cursors'),
    ])
    ada.say('enter', 'pr:board/cursors')
    expect(ada.take()[0]?.slice(0, 2)).toEqual(['s', 'pr:board/cursors'])
  })

  test('[S5] a refusal tells no more of a room where somebody is than of one where nobody is', async () => {
    const { connect } = open({ ada: { rooms: ['pr:**'] }, eve: { rooms: ['pr:lobby'] } })
    const ada = await connect(1, 'ada')
    ada.say('p', put('pr:room-1', 1))
    const eve = await connect(2, 'eve')
    eve.say('enter', 'pr:room-1')
    eve.say('enter', 'pr:room-2')
    const [one, two] = eve.take().map((message) => JSON.stringify(message))
    expect(one?.replaceAll('room-1', 'room-2')).toBe(two)
  })

  test('[A2] a put of who may only read is refused, and nobody sees it', async () => {
    const { connect, here } = open({ ada: { rooms: { read: ['pr:board'] } } })
    const ada = await connect(1, 'ada')
    ada.say('enter', 'pr:board')
    const number = ada.take()[0]?.[2]
    ada.say('p', put('pr:board', 1))
    ada.say('p', [[number, 2, 30_000, 1, 'x']])
    expect(ada.take()).toEqual([refusal('p', 'pr:board', { n: 1 }), refusal('p', 'pr:board', { n: 2 })])
    expect(here('pr:board')).toEqual([])
  })

  test('[U1] {userId} is the id that the server knows', async () => {
    const { connect, here } = open({ ada: { user: { id: 'ada' }, rooms: ['pr:user-{userId}'] } })
    const ada = await connect(1, 'ada')
    ada.say('p', put('pr:user-ada', 1))
    ada.say('p', put('pr:user-grace', 2))
    expect(ada.take().filter(([event]) => event === 'refused')).toEqual([refusal('p', 'pr:user-grace', { n: 2 })])
    expect(here('pr:user-ada')).toEqual([[1, 'x']])
  })

  test('[S5] a permission that is withdrawn takes the client out of the room: no delta comes any more', async () => {
    const identities: Record<string, Identity> = { ada: { rooms: ['pr:a', 'pr:b'] }, bob: {} }
    const { clock, connect, here } = open(identities)
    const ada = await connect(1, 'ada')
    const bob = await connect(2, 'bob')
    for (const room of ['pr:a', 'pr:b']) {
      ada.say('enter', room)
      ada.say('count', room)
    }
    ada.say('p', put('pr:a', 1))
    ada.say('p', put('pr:b', 2))
    bob.say('enter', 'pr:b')
    clock.advance(2_000)
    ada.take()
    bob.take()
    identities['ada'] = { rooms: ['pr:a'] }
    ada.say('auth', 1, { token: 'ada' })
    await settled()
    expect(ada.take()).toEqual([
      ['authed', 1, null],
      refusal('enter', 'pr:b'),
      refusal('count', 'pr:b'),
      refusal('p', 'pr:b', { n: 2 }),
    ])
    expect(here('pr:a')).toEqual([[1, 'x']])
    expect(here('pr:b')).toEqual([])
    bob.say('p', put('pr:b', 1))
    clock.advance(2_000)
    expect(ada.take()).toEqual([])
    expect(bob.take().some((message) => JSON.stringify(message).includes('refused'))).toBe(true)
  })

  test('[S5] who waits for a snapshot, or has fallen behind, when the permission goes gets neither that nor a delta', async () => {
    const identities: Record<string, Identity> = { ada: {}, bob: {} }
    const { clock, connect } = open(identities)
    const [ada, bob] = [await connect(1, 'ada'), await connect(2, 'bob')]
    ada.say('enter', 'pr:a')
    ada.take()
    ada.jam()
    bob.say('p', put('pr:a', 1))
    bob.say('p', put('pr:b', 2))
    clock.advance(100)
    const answers: unknown[] = []
    ada.sayWith('enter', ['pr:b'], (answer) => answers.push(answer))
    identities['ada'] = { rooms: [] }
    ada.say('auth', 1, { token: 'ada' })
    await settled()
    ada.drain()
    bob.say('p', put('pr:a', 3, 'y'))
    bob.say('p', put('pr:b', 4, 'y'))
    clock.advance(2_000)
    expect(answers).toMatchObject([{ code: 'not-allowed', room: 'pr:b' }])
    expect(ada.take()).toEqual([['authed', 1, null], refusal('enter', 'pr:a'), refusal('enter', 'pr:b')])
    expect(ada.link.groups.size).toBe(0)
  })

  test('[S5] a put that waits for a slot is not placed once the permission has gone', async () => {
    const identities: Record<string, Identity> = { ada: { rooms: ['pr:a'] } }
    const { clock, connect, here } = open(identities)
    const ada = await connect(1, 'ada')
    for (let n = 1; n <= 60; n++) ada.say('p', put('pr:a', n, n))
    identities['ada'] = { rooms: ['pr:b'] }
    ada.say('auth', 1, { token: 'ada' })
    await settled()
    clock.advance(1_000)
    expect(here('pr:a')).toEqual([])
    expect(ada.take().at(-1)).toEqual(refusal('p', 'pr:a', { n: 60 }))
  })

  test('[A1] what a client has from before, and may not have now, is gone when it comes back', async () => {
    const identities: Record<string, Identity> = { ada: {} }
    const { connect, here } = open(identities)
    const ada = await connect(1, 'ada')
    ada.say('p', put('pr:a', 1))
    ada.say('p', put('pr:b', 2))
    ada.lose()
    identities['ada'] = { rooms: { read: ['pr:**'], write: ['pr:b'] } }
    await connect(1, 'ada')
    expect(here('pr:a')).toEqual([])
    expect(here('pr:b')).toEqual([[1, 'x']])
  })

  test('[U1] an identity that cannot be used lets nobody in', async () => {
    const { connect } = open({
      pattern: { rooms: ['board'] },
      tenant: { tenant: 'a!b' },
      end: { expiresAtMs: Number.NaN },
      yes: true as unknown as Identity,
      user: { id: 'ada' } as Identity,
      claims: { sub: 'ada', exp: 1 } as Identity,
      misspelt: { user: { id: 'ada' }, room: ['pr:a'] } as Identity,
    })
    for (const token of ['pattern', 'tenant', 'end', 'yes', 'user', 'claims', 'misspelt'])
      await expect(connect(1, token)).rejects.toMatchObject({ code: 'internal', canRetry: true, retryAfterMs: 5_000 })
  })
})

describe('an identity that ends', () => {
  test('[S5] ends the connection with its code, and what it held waits for it', async () => {
    const { clock, connect, here } = open({ ada: { expiresAtMs: startMs + 60_000 }, later: {} })
    const ada = await connect(1, 'ada')
    ada.say('enter', 'pr:a')
    ada.say('p', put('pr:a', 1))
    ada.take()
    for (let seconds = 0; seconds < 59; seconds++) {
      clock.advance(1_000)
      ada.packet()
    }
    clock.advance(999)
    expect(ada.link.isClosed).toBe(false)
    clock.advance(1)
    expect(ada.take().at(-1)).toEqual([
      'refused',
      { event: 'connect', code: 'token-expired', message: expect.any(String), canRetry: true },
    ])
    expect(ada.link.isClosed).toBe(true)
    const bob = await connect(2, 'later')
    bob.say('p', put('pr:a', 1))
    expect(ada.link.groups.size).toBe(0)
    expect(here('pr:a')).toEqual([
      [1, 'x'],
      [2, 'x'],
    ])
    clock.advance(15_001)
    bob.packet()
    expect(here('pr:a')).toEqual([[2, 'x']])
  })

  test('is told in the hello and with every log-in, and refused at the door once it has ended', async () => {
    const identities: Record<string, Identity> = { ada: { expiresAtMs: startMs + 60_000.5 } }
    const { clock, connectLoudly } = open(identities)
    const ada = await connectLoudly(1, 'ada')
    expect(ada.take()[0]?.[1]).toMatchObject({ expiresAtMs: startMs + 60_000 })
    identities['ada'] = { expiresAtMs: startMs + 3_600_000 }
    ada.say('auth', 1, { token: 'ada' })
    await settled()
    expect(ada.take()).toEqual([['authed', 1, null, startMs + 3_600_000]])
    for (let minutes = 0; minutes < 59; minutes++) {
      ada.packet()
      clock.advance(60_000)
    }
    expect(ada.link.isClosed).toBe(false)
    clock.advance(60_000)
    expect(ada.link.isClosed).toBe(true)
    await expect(connectLoudly(1, 'ada')).rejects.toMatchObject({ code: 'token-expired', canRetry: true })
  })

  test('ends no sooner when a timer comes early, and is looked at every minute', async () => {
    const { clock, connect } = open({
      ada: { expiresAtMs: startMs + 60_000 },
      later: { expiresAtMs: startMs + 365 * 86_400_000 },
    })
    const after = vi.spyOn(clock, 'after')
    const ada = await connect(1, 'ada')
    const [, end] = after.mock.calls.find(([delayMs]) => delayMs === 60_000) ?? []
    clock.advance(10_000)
    end?.()
    expect(ada.link.isClosed).toBe(false)
    expect(after.mock.lastCall?.[0]).toBe(50_000)
    after.mockClear()
    await connect(2, 'later')
    expect(after.mock.calls.map(([delayMs]) => delayMs)).toContain(60_000)
    expect(Math.max(...after.mock.calls.map(([delayMs]) => delayMs))).toBe(60_000)
  })

  test('ends by the system’s clock, by which it was made, however that is set meanwhile', async () => {
    const { clock, connectLoudly } = open({ ada: { expiresAtMs: startMs + 3_600_000 } })
    const ada = await connectLoudly(1, 'ada')
    ada.take()
    clock.jumpWall(3_500_000)
    clock.advance(61_000)
    expect(ada.link.isClosed).toBe(false)
    const late = await connectLoudly(2, 'ada')
    const [, hello] = late.take()[0] as [string, { nowMs: number; expiresAtMs: number }]
    // As the client counts: what is left of it, on the server's clock.
    expect(hello.expiresAtMs - hello.nowMs).toBeCloseTo(39_000, -2)
    clock.advance(60_000)
    expect(ada.link.isClosed).toBe(true)
    await expect(connectLoudly(1, 'ada')).rejects.toMatchObject({ code: 'token-expired' })
    clock.jumpWall(-3_600_000)
    await connectLoudly(1, 'ada')
  })

  test('[U1] who logs out and is nobody to the server is gone at once', async () => {
    const { connect, here } = open({ ada: { user: { id: 'ada' } } })
    const ada = await connect(1, 'ada')
    ada.say('enter', 'pr:a')
    ada.say('p', put('pr:a', 1))
    ada.take()
    ada.say('auth', 1, { token: 'wrong' })
    await settled()
    expect(ada.take()).toMatchObject([['refused', { event: 'auth', code: 'unauthorized' }]])
    expect(here('pr:a')).toEqual([[1, 'x']])
    ada.say('auth', 2, {})
    await settled()
    expect(ada.take().filter(([event]) => event === 'refused')).toMatchObject([
      ['refused', { event: 'auth', id: 2, code: 'unauthorized' }],
      ['refused', { event: 'connect', code: 'unauthorized', canRetry: false }],
    ])
    expect(ada.link.isClosed).toBe(true)
    expect(here('pr:a')).toEqual([])
  })

  test('[S5] an operator can ask who somebody is anew: the connection is ended as if the token had', async () => {
    const identities: Record<string, Identity> = {
      ada: { user: { id: 'ada' } },
      red: { user: { id: 'ada' }, tenant: 'r' },
    }
    const { core, connect } = open(identities)
    const [one, two, red] = [await connect(1, 'ada'), await connect(2, 'ada'), await connect(3, 'red')]
    expect(core.disconnect(({ identity }) => identity.user?.id === 'ada' && identity.tenant === undefined)).toBe(2)
    for (const client of [one, two]) {
      expect(client.take()).toMatchObject([['refused', { event: 'connect', code: 'token-expired', canRetry: true }]])
      expect(client.link.isClosed).toBe(true)
    }
    expect(red.link.isClosed).toBe(false)
    expect(core.disconnect(({ clientId }) => clientId === 3)).toBe(1)
    expect(core.connected).toBe(0)
  })

  test('a log-in with a token that has ended changes nothing', async () => {
    const identities: Record<string, Identity> = { ada: { user: { id: 'ada' } } }
    const { connect } = open(identities)
    const ada = await connect(1, 'ada')
    identities['ada'] = { user: { id: 'grace' }, expiresAtMs: startMs - 1 }
    ada.say('auth', 7, { token: 'ada' })
    await settled()
    expect(ada.take()).toEqual([['refused', expect.objectContaining({ event: 'auth', id: 7, code: 'token-expired' })]])
  })
})

describe('tenants', () => {
  test('[S5] the same key of two tenants is two rooms', async () => {
    const { clock, connect, here } = open({ red: { tenant: 'red' }, blue: { tenant: 'blue' }, none: {} })
    const clients = [await connect(1, 'red'), await connect(2, 'blue'), await connect(3, 'none')]
    for (const client of clients) {
      client.say('enter', 'pr:a')
      client.say('count', 'pr:a')
      client.say('p', put('pr:a', 1))
    }
    clock.advance(2_000)
    expect(here('red!pr:a')).toEqual([[1, 'x']])
    expect(here('blue!pr:a')).toEqual([[2, 'x']])
    expect(here('pr:a')).toEqual([[3, 'x']])
    for (const [index, client] of clients.entries()) {
      const heard = client.take()
      expect(heard.filter(([event]) => event === 's').map(([, key]) => key)).toEqual(['pr:a'])
      expect(heard.filter(([event]) => event === 'c').at(-1)).toEqual(['c', 'pr:a', 1, 1])
      const text = JSON.stringify(heard)
      for (const other of [1, 2, 3]) expect(text.includes(`,${other},1,"x"`)).toBe(other === index + 1)
      expect(text).not.toContain('red')
      expect(text).not.toContain('blue')
    }
  })

  test('a key that looks like another tenant’s place is no key', async () => {
    const { connect } = open({ red: { tenant: 'red' }, none: {} })
    for (const [clientId, token] of [
      [1, 'red'],
      [2, 'none'],
    ] as const) {
      const client = await connect(clientId, token)
      client.say('enter', 'blue!pr:a')
      client.say('enter', '!pr:a')
      expect(client.take().map(([, about]) => (about as { code: string }).code)).toEqual(['bad-key', 'bad-key'])
    }
  })

  test('[A1] a client that becomes another tenant’s leaves its old rooms and comes back', async () => {
    const { connect, here } = open({ red: { tenant: 'red' }, blue: { tenant: 'blue' } })
    const ada = await connect(1, 'red')
    ada.say('enter', 'pr:a')
    ada.say('p', put('pr:a', 1))
    ada.take()
    ada.say('auth', 1, { token: 'blue' })
    await settled()
    expect(ada.take()[0]).toEqual(['authed', 1, null])
    expect(ada.link.isClosed).toBe(true)
    expect(ada.link.groups.size).toBe(0)
    expect(here('red!pr:a')).toEqual([])
  })

  test('[A1] an entry that waits in one tenant is gone when its client comes back in another', async () => {
    const { connect, here } = open({ red: { tenant: 'red' }, blue: { tenant: 'blue' } })
    const ada = await connect(1, 'red')
    ada.say('p', put('pr:a', 1))
    ada.lose()
    expect(here('red!pr:a')).toEqual([[1, 'x']])
    await connect(1, 'blue')
    expect(here('red!pr:a')).toEqual([])
    expect(here('blue!pr:a')).toEqual([])
  })

  test('[R3] stay apart over a restart', async () => {
    const store = memoryStore()
    const identities = { red: { tenant: 'red' }, blue: { tenant: 'blue' } }
    const before = open(identities, store)
    for (const [clientId, token] of [
      [1, 'red'],
      [2, 'blue'],
    ] as const)
      (await before.connect(clientId, token)).say('p', put('pr:a', 1, token))
    await before.core.close()
    const after = open(identities, store, 'resume')
    expect(after.here('red!pr:a')).toEqual([[1, 'red']])
    expect(after.here('blue!pr:a')).toEqual([[2, 'blue']])
    expect(after.here('pr:a')).toEqual([])
  })
})

describe('a kick', () => {
  test('[A2] keeps the client out of that room for a while, and out of no other', async () => {
    const { clock, core, connect, here } = open({ ada: {} })
    const ada = await connect(1, 'ada')
    ada.say('p', put('pr:a', 1))
    ada.take()
    expect(core.kick('pr:a', 1, 60_000)).toBe(true)
    expect(ada.take()).toMatchObject([
      ['refused', { event: 'kick', code: 'kicked', room: 'pr:a', canRetry: false, retryAfterMs: 60_000 }],
    ])
    ada.say('p', put('pr:a', 2))
    expect(ada.take()).toEqual([
      [
        'refused',
        {
          event: 'p',
          room: 'pr:a',
          n: 2,
          code: 'kicked',
          message: expect.stringContaining('60 s'),
          canRetry: true,
          retryAfterMs: 60_000,
        },
      ],
    ])
    ada.say('p', put('pr:b', 3))
    expect([here('pr:a'), here('pr:b')]).toEqual([[], [[1, 'x']]])
    for (let seconds = 0; seconds < 60; seconds += 10) {
      ada.packet()
      clock.advance(10_000)
    }
    ada.say('p', put('pr:a', 4))
    expect(here('pr:a')).toEqual([[1, 'x']])
  })

  test('[A2] takes the cursor and the typing with it, and keeps them out, too', async () => {
    const { core, connect, here } = open({ ada: {} })
    const ada = await connect(1, 'ada')
    const keys = ['pr:a', 'pr:a/cursors', 'pr:a/typing']
    for (const [index, key] of [...keys, 'pr:ab'].entries()) ada.say('p', put(key, index + 1))
    ada.take()
    expect(core.kick('pr:a/cursors', 1, 60_000)).toBe(true)
    expect(ada.take().map(([, about]) => about)).toMatchObject(keys.map((room) => ({ event: 'kick', room })))
    for (const [index, key] of keys.entries()) ada.say('p', put(key, index + 10))
    expect(ada.take().map(([, about]) => about)).toMatchObject(keys.map((room) => ({ code: 'kicked', room })))
    expect(keys.map(here)).toEqual([[], [], []])
    expect(here('pr:ab')).toEqual([[1, 'x']])
  })

  test('[A2] of who is not there keeps nobody out', async () => {
    const { core, connect, here } = open({ ada: {} })
    const ada = await connect(1, 'ada')
    expect(core.kick('pr:a', 1, 60_000)).toBe(false)
    ada.say('p', put('pr:a', 1))
    expect(here('pr:a')).toEqual([[1, 'x']])
  })

  test('[A2] for no time lets in again who was kept out', async () => {
    const { core, connect, here } = open({ ada: {} })
    const ada = await connect(1, 'ada')
    ada.say('p', put('pr:a', 1))
    expect(core.kick('pr:a', 1, 60_000)).toBe(true)
    expect(core.kick('pr:a', 1, 0)).toBe(false)
    ada.say('p', put('pr:a', 2))
    expect(here('pr:a')).toEqual([[1, 'x']])
  })

  test('[A1] means one tenant’s room', async () => {
    const { core, connect, here } = open({ red: { tenant: 'red' }, blue: { tenant: 'blue' } })
    const red = await connect(1, 'red')
    red.say('p', put('pr:a', 1))
    expect(core.kick('blue!pr:a', 1, 60_000)).toBe(false)
    expect(core.kick('pr:a', 1, 60_000)).toBe(false)
    red.say('p', put('pr:a', 2, 'y'))
    expect(here('red!pr:a')).toEqual([[1, 'y']])
    expect(core.kick('red!pr:a', 1, 0)).toBe(true)
    expect(red.take().at(-1)?.[1]).toMatchObject({ event: 'kick', room: 'pr:a' })
  })
})
