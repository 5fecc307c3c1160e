import { PresenceError, type Clock } from '@app/protocol'
import { scriptedEdges } from '@app/testkit'
import { expect, test } from 'vitest'
import { Client } from './client.ts'
import type { NewCredentials, TokenSource } from './presence.ts'
import { askAgainAtMs, refreshAtMs } from './token-refresh.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const expired = new PresenceError('token-expired', 'The token has ended.', { canRetry: true })

/** Lets everything happen that waits for no time. */
async function turn() {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

interface Options {
  /** For how long an identity is known; null for ever. */
  lifeMs?: number | null
  token?: TokenSource
  /** What the client's clock does otherwise. */
  machine?: (clock: Clock) => Partial<Clock>
}

/** A connected client; its token function counts. */
async function open({ lifeMs = null, token, machine = () => ({}) }: Options = {}) {
  const edges = scriptedEdges()
  const { server, clock } = edges
  const askedAtMs: number[] = []
  const countingToken = () => `token-${askedAtMs.push(clock.monotonicMs())}`
  const ownClock: Clock = {
    wallMs: () => clock.wallMs(),
    monotonicMs: () => clock.monotonicMs(),
    after: (delayMs, run) => clock.after(delayMs, run),
    ...machine(clock),
  }
  const client = new Client({ token: token ?? countingToken }, { ...edges, clock: ownClock, random: () => 0.5 })
  const errors: PresenceError[] = []
  client.onError((error) => errors.push(error))
  server.lifeMs = lifeMs
  client.connect()
  await turn()
  /** Lets time go on, with a turn at every step. */
  const advance = async (ms: number, stepMs = ms) => {
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      clock.advance(stepMs)
      await turn()
    }
  }
  const codes = () => errors.map(({ code }) => code)
  const logins = () => server.sent('auth').map(([, , credentials]) => credentials.token)
  return { ...edges, client, errors, codes, askedAtMs, advance, logins }
}

test('a token is asked for a tenth of its life before its end, at least 5 s and at most a minute', () => {
  const leads = [5_000, 20_000, 5 * minuteMs, 60 * minuteMs, 365 * dayMs].map((lifeMs) => {
    return 1_000 + lifeMs - refreshAtMs(1_000, 1_000 + lifeMs)
  })
  expect(leads).toEqual([5_000, 5_000, 30_000, 60_000, 60_000])
  expect([60_000, 10_000, 2_000, -9_000].map((leftMs) => askAgainAtMs(1_000, 1_000 + leftMs))).toEqual([
    31_000, 6_000, 6_000, 6_000,
  ])
})

test('[U1] a token function is asked again before the identity ends, on the live connection, again and again', async () => {
  const { server, client, advance, logins, codes } = await open({ lifeMs: 5 * minuteMs })
  await advance(4.5 * minuteMs - 1)
  expect(logins()).toEqual([])
  await advance(1)
  expect(logins()).toEqual(['token-2'])
  await advance(4.5 * minuteMs)
  expect(logins()).toEqual(['token-2', 'token-3'])
  // From then on it does not end.
  server.lifeMs = null
  await advance(4.5 * minuteMs)
  await advance(dayMs)
  expect(logins()).toHaveLength(3)
  expect([server.handshakes.length, client.status, codes()]).toEqual([1, 'connected', []])
})

test('an identity for ever, or of a token that is a fixed string, is not renewed; a closed client waits for nothing', async () => {
  const forever = await open()
  const fixed = await open({ token: 'fixed', lifeMs: minuteMs })
  const closed = await open({ lifeMs: minuteMs })
  closed.client.close()
  expect(closed.clock.pending).toBe(0)
  for (const { advance, logins, server } of [forever, fixed, closed]) {
    await advance(dayMs)
    expect([logins(), server.handshakes.length]).toEqual([[], 1])
  }
})

test('a life that is longer than any timer is renewed at its end and not before', async () => {
  const { advance, logins } = await open({
    lifeMs: 90 * dayMs,
    machine: (clock) => ({ after: (delayMs, run) => clock.after(Math.min(delayMs, 2 ** 31 - 1), run) }),
  })
  await advance(90 * dayMs - minuteMs - 1)
  expect(logins()).toEqual([])
  await advance(1)
  expect(logins()).toEqual(['token-2'])
})

test('a function that gives tokens which end at once is asked once in five seconds', async () => {
  const { advance, askedAtMs, client } = await open({ lifeMs: 10 })
  await advance(30_000, 100)
  expect(askedAtMs).toEqual([0, 5_000, 10_000, 15_000, 20_000, 25_000, 30_000])
  expect(client.status).toBe('connected')
})

test('[C1] a page that slept past the end asks when it wakes', async () => {
  const { clock, page, advance, logins } = await open({ lifeMs: 60 * minuteMs })
  clock.stall(90 * minuteMs)
  await advance(1)
  expect(logins()).toEqual(['token-2'])
  await advance(minuteMs)
  // While some machines sleep, their monotonic clock stands still: only the server tells what time it is.
  clock.jumpWall(90 * minuteMs)
  await advance(minuteMs)
  expect(logins()).toEqual(['token-2'])
  page.hint()
  await advance(1)
  expect(logins()).toEqual(['token-2', 'token-3'])
})

test('[C1] a page whose timers stood still while its clock went on asks when it is seen again', async () => {
  let sleptMs = 0
  const { clock, page, advance, logins } = await open({
    lifeMs: 60 * minuteMs,
    machine: (own) => ({ monotonicMs: () => own.monotonicMs() + sleptMs }),
  })
  await advance(minuteMs)
  sleptMs = 90 * minuteMs
  clock.jumpWall(sleptMs)
  await advance(minuteMs)
  expect(logins()).toEqual([])
  page.hint()
  await advance(1)
  expect(logins()).toEqual(['token-2'])
})

test('[A2] a refresh that fails is told once and tried again, and the connection stays', async () => {
  let fails = false
  let asked = 0
  const token = () => {
    asked++
    if (fails) throw new Error('no luck')
    return 'good'
  }
  const { server, client, advance, errors, logins, codes } = await open({ lifeMs: 60 * minuteMs, token })
  fails = true
  await advance(59 * minuteMs)
  expect(errors).toMatchObject([{ code: 'token-failed', canRetry: true }])
  expect([asked, client.status]).toEqual([2, 'connected'])
  await advance(30_000)
  await advance(15_000)
  expect([asked, codes(), logins()]).toEqual([4, ['token-failed'], []])
  fails = false
  await advance(7_500)
  expect([asked, logins(), client.status, server.handshakes.length]).toEqual([5, ['good'], 'connected', 1])
  // Another row is told again.
  fails = true
  await advance(59 * minuteMs)
  expect(codes()).toEqual(['token-failed', 'token-failed'])
})

test('[A2] a new token that the server refuses is told once too, and the next one is tried', async () => {
  const { server, advance, codes, logins, client } = await open({ lifeMs: 60 * minuteMs })
  server.answers = false
  /** Time in which the server pings: one that is silent is left. */
  const pass = async (ms: number) => {
    for (let leftMs = ms; leftMs > 0; leftMs -= 10_000) {
      await advance(Math.min(leftMs, 10_000))
      server.packet()
    }
  }
  await pass(59 * minuteMs)
  const refuse = async () => {
    const [, id] = server.sent('auth').at(-1)!
    server.refuse({ event: 'auth', id, code: 'unauthorized', message: 'No.', canRetry: false })
    await turn()
  }
  await refuse()
  await pass(30_000)
  await refuse()
  expect(codes()).toEqual(['unauthorized'])
  await pass(15_000)
  expect([logins(), client.status]).toEqual([['token-2', 'token-3', 'token-4'], 'connected'])
})

test('[U1] a token that comes after somebody has logged out or in otherwise is not shown any more', async () => {
  let give = (_token: string) => {}
  let isFirst = true
  const token = () => {
    if (!isFirst) return new Promise<string>((resolve) => (give = resolve))
    isFirst = false
    return 'first'
  }
  for (const login of [
    ({ advance }: Awaited<ReturnType<typeof open>>) => advance(59 * minuteMs),
    async ({ client }: Awaited<ReturnType<typeof open>>) => void client.reauthenticate({ token }).catch(() => {}),
  ]) {
    isFirst = true
    const opened = await open({ lifeMs: 60 * minuteMs, token })
    await login(opened)
    await opened.client.reauthenticate({ token: null })
    give('late')
    await turn()
    expect(opened.logins()).toEqual([undefined])
  }
})

test('a refresh that was begun on an earlier connection and fails on the next one changes nothing there', async () => {
  let fail = (_error: Error) => {}
  let asked = 0
  const token = () => (++asked === 2 ? new Promise<string>((_, reject) => (fail = reject)) : `token-${asked}`)
  const { server, advance, codes, logins } = await open({ lifeMs: 60 * minuteMs, token })
  await advance(59 * minuteMs)
  server.drop()
  await advance(250)
  expect([server.handshakes.length, asked]).toEqual([2, 3])
  fail(new Error('no luck'))
  await turn()
  await advance(59 * minuteMs - 1)
  expect([codes(), logins()]).toEqual([[], []])
  await advance(1)
  expect(logins()).toEqual(['token-4'])
})

test('[R5] a token that has ended is replaced at once, and once; then the client waits as always', async () => {
  const { server, client, codes, askedAtMs, advance, clock } = await open({ lifeMs: minuteMs })
  await advance(20_000)
  server.refusal = expired
  server.endToken()
  await turn()
  // No time has passed, and one attempt was made.
  expect(askedAtMs).toEqual([0, 20_000])
  expect(client.status).toBe('reconnecting')
  // The second attempt waits half of twice the window.
  await advance(499)
  expect(askedAtMs).toHaveLength(2)
  await advance(1)
  expect(askedAtMs).toHaveLength(3)
  await advance(999)
  expect(askedAtMs).toHaveLength(3)
  server.refusal = null
  await advance(1)
  expect(askedAtMs).toHaveLength(4)
  expect([client.status, server.handshakes.at(-1)?.token]).toEqual(['connected', 'token-4'])
  expect(codes()).toEqual(['token-expired'])
  // Another row: at once, and told again.
  server.endToken()
  await turn()
  expect([client.status, codes(), clock.monotonicMs()]).toEqual([
    'connected',
    ['token-expired', 'token-expired'],
    21_500,
  ])
})

test('[R5] a handshake whose token has ended is tried once more at once, then as always', async () => {
  const { server, codes, askedAtMs, advance, client } = await open()
  server.refusal = expired
  server.drop()
  await advance(250)
  expect(askedAtMs).toEqual([0, 250, 250])
  await advance(999)
  expect(askedAtMs).toHaveLength(3)
  server.refusal = null
  await advance(1)
  expect([client.status, codes()]).toEqual(['connected', ['token-expired']])
  // Another row begins at once too.
  server.refusal = expired
  server.drop()
  await advance(250)
  expect([askedAtMs.length, codes()]).toEqual([6, ['token-expired', 'token-expired']])
})

test('a server that ends every token at once is not run against: one attempt at once, then one in five seconds', async () => {
  const { server, askedAtMs, advance, clock } = await open()
  server.lifeMs = 0
  for (let tries = 0; clock.monotonicMs() < 20_000; tries++) {
    if (server.isConnected) server.endToken()
    await advance(50)
    expect(tries).toBeLessThan(1_000)
  }
  expect(askedAtMs).toEqual([0, 0, 5_000, 10_000, 15_000, 20_000])
})

test('[A2] a fixed token that has ended refuses the client, on the connection and at the handshake, until a new one comes', async () => {
  for (const end of ['connection', 'handshake'] as const) {
    const { server, client, errors, advance } = await open({ token: 'fixed', lifeMs: minuteMs })
    const room = client.presence('pr:room-1')
    room.onChange(() => {})
    server.refusal = expired
    if (end === 'connection') server.endToken()
    else server.drop()
    await advance(500)
    expect([client.status, room.status]).toEqual(['refused', 'refused'])
    expect(errors).toMatchObject([{ code: 'token-expired', canRetry: false }])
    await expect(client.waitForConnected()).rejects.toMatchObject({ code: 'token-expired' })
    await advance(dayMs)
    const attempts = end === 'connection' ? 1 : 2
    expect(server.handshakes).toHaveLength(attempts)
    server.refusal = null
    await client.reauthenticate({ token: 'new' } satisfies NewCredentials)
    expect(server.handshakes.at(-1)?.token).toBe('new')
    expect([client.status, room.status]).toEqual(['connected', 'live'])
  }
})

test('[A2] a fixed token that ends while the server cannot be reached is told, whatever was told before', async () => {
  const { server, client, codes, advance } = await open({ token: 'fixed' })
  server.refusal = new PresenceError('connection-failed', 'Nobody there.', { canRetry: true })
  server.drop()
  await advance(250)
  server.refusal = expired
  await advance(500)
  expect([client.status, codes()]).toEqual(['refused', ['connection-failed', 'token-expired']])
})

test('[A2] who has too many connections waits for as long as the server says', async () => {
  const { server, client, errors, advance } = await open()
  server.refusal = new PresenceError('too-many-connections', 'Too many.', { canRetry: true, retryAfterMs: 10_000 })
  server.drop()
  await advance(250)
  expect(server.handshakes).toHaveLength(2)
  server.refusal = null
  await advance(9_999)
  expect([server.handshakes.length, client.status]).toEqual([2, 'reconnecting'])
  await advance(1)
  expect(client.status).toBe('connected')
  expect(errors).toMatchObject([{ code: 'too-many-connections', retryAfterMs: 10_000 }])
})

test('[A2] a server that ends the connection says whether and when to come back', async () => {
  const { client, server, clock, advance, codes } = await open({ token: 'fixed' })
  server.refuse({
    event: 'connect',
    code: 'rate-limited',
    message: 'Slower.',
    canRetry: true,
    retryAfterMs: 5_000,
  })
  await turn()
  expect(client.status).toBe('reconnecting')
  const hellos = server.handshakes.length
  await advance(4_900, 100)
  expect(server.handshakes.length).toBe(hellos)
  await advance(1_000, 100)
  expect(server.handshakes.length).toBe(hellos + 1)
  expect(client.status).toBe('connected')
  server.refuse({ event: 'connect', code: 'too-large', message: 'Less.', canRetry: false })
  await turn()
  expect(client.status).toBe('refused')
  await advance(120_000, 10_000)
  expect(server.handshakes.length).toBe(hellos + 1)
  expect(codes()).toEqual(['rate-limited', 'too-large'])
  expect(clock.pending).toBe(0)
})

test('a token function that returns anything but a token is told what it returned, and not the value', async () => {
  const returned = { token: 'a secret' }
  const { client, errors } = await open({ token: () => returned as unknown as string })
  expect(client.status).toBe('refused')
  expect(errors).toMatchObject([
    { code: 'token-failed', canRetry: false, message: expect.stringContaining('an object with token') },
  ])
  expect(JSON.stringify(errors)).not.toContain('a secret')
  expect(() => new Client({ token: 7 as unknown as string }, scriptedEdges() as never)).toThrow(
    expect.objectContaining({ code: 'bad-options', message: expect.stringContaining('a number') }),
  )
  expect(() => void client.reauthenticate({ token: {} as string }).catch(() => {})).not.toThrow()
  await expect(client.reauthenticate({ token: {} as string })).rejects.toMatchObject({ code: 'bad-options' })
})

test('who waits for a connection in vain is told why the last attempt failed', async () => {
  const { client, clock } = await open({
    token: () => {
      throw new Error('the back end is away')
    },
  })
  const waiting = client.waitForConnected(3_000).catch((error: unknown) => error)
  clock.advance(3_000)
  expect(await waiting).toMatchObject({
    code: 'timeout',
    message: expect.stringContaining('the back end is away'),
    cause: { code: 'token-failed' },
  })
})
