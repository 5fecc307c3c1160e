import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createToken, type TokenGrant } from './create-token.ts'
import { jwt } from './jwt.ts'

const nowMs = 1_800_000_000_250
const secret = 'correct horse battery staple, and 32 bytes'
const grant: TokenGrant = { user: { id: 'ada', name: 'Ada' }, rooms: ['pr:board'], ttlMs: 60_000 }
const request = { clientId: 7, headers: {}, origin: undefined, address: undefined }

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: nowMs }))
afterEach(() => void vi.useRealTimers())

const parts = (token: string): unknown[] =>
  token.split('.', 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown)

test('a token says who its bearer is, what they may do and until when, and nothing else', async () => {
  expect(parts(await createToken({ ...grant, tenant: 'acme' }, secret))).toEqual([
    { alg: 'HS256', typ: 'JWT' },
    {
      sub: 'ada',
      user: { id: 'ada', name: 'Ada' },
      rooms: ['pr:board'],
      tenant: 'acme',
      iat: 1_800_000_000,
      exp: 1_800_000_061,
    },
  ])
  expect(parts(await createToken(grant, secret))[1]).not.toHaveProperty('tenant')
})

test('[U1] the server with the same secret knows the user by it, and no other server does', async () => {
  const rooms = { read: ['pr:**'], write: ['pr:user-{userId}'] }
  const token = await createToken({ ...grant, rooms, tenant: 'acme' }, secret)
  expect(await jwt({ secret, clockToleranceMs: 0 })({ ...request, token })).toEqual({
    user: { id: 'ada', name: 'Ada' },
    rooms,
    tenant: 'acme',
    expiresAtMs: 1_800_000_061_000,
  })
  await expect(jwt({ secret: `${secret}!` })({ ...request, token })).rejects.toMatchObject({ code: 'unauthorized' })
})

test('a token is good for at least as long as was asked for', async () => {
  const auth = jwt({ secret, clockToleranceMs: 0 })
  const token = await createToken({ ...grant, ttlMs: 1_000 }, secret)
  vi.setSystemTime(nowMs + 1_000)
  expect(await auth({ ...request, token })).toMatchObject({ user: { id: 'ada' } })
  vi.setSystemTime(nowMs + 2_000)
  await expect(auth({ ...request, token })).rejects.toMatchObject({ code: 'token-expired' })
})

test.each<[unknown, string, string]>([
  [{ user: undefined }, 'bad-user', 'id'],
  [{ user: { id: '' } }, 'bad-user', 'id'],
  [{ user: { id: 'ada', bio: 'a'.repeat(1_024) } }, 'bad-user', 'ada'],
  [{ rooms: undefined }, 'bad-options', 'rooms'],
  [{ rooms: ['board'] }, 'bad-options', 'board'],
  [{ rooms: { write: 'pr:board' } }, 'bad-options', 'rooms'],
  [{ tenant: 'a b' }, 'bad-options', 'tenant'],
  [{ tenant: null }, 'bad-options', 'tenant'],
  [{ ttlMs: 999 }, 'bad-options', 'ttlMs'],
  [{ ttlMs: 31 * 86_400_000 + 1 }, 'bad-options', 'ttlMs'],
  [{ ttlMs: Number.NaN }, 'bad-options', 'ttlMs'],
  [{ ttlMs: '60000' }, 'bad-options', 'ttlMs'],
])('no token is made of %j', async (wrong, code, part) => {
  const error: unknown = await createToken({ ...grant, ...(wrong as object) }, secret).catch(
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ name: 'PresenceError', code, message: expect.stringContaining(part) })
})

test('no token is made with a secret that could be guessed, and the secret is not told', async () => {
  await expect(createToken(grant, undefined as unknown as string)).rejects.toMatchObject({
    code: 'bad-options',
    message: expect.stringContaining('missing'),
  })
  for (const weak of ['hunter2', '']) {
    const error: unknown = await createToken(grant, weak).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'bad-options', message: expect.stringContaining('at least 32 bytes') })
    expect((error as Error).message).not.toContain('hunter2')
  }
})

test('what is misspelt or missing makes no token', async () => {
  const secret = 'a secret of at least thirty-two bytes'
  for (const [wrong, sentence] of [
    [{ ...grant, tennant: 'red' }, '"tennant"'],
    [{ ...grant, ttl: 5_000 }, '"ttl"'],
    [{ ...grant, ttlMs: undefined }, 'ttlMs is missing'],
    [{ ...grant, rooms: undefined }, 'rooms is missing'],
  ] as const)
    await expect(createToken(wrong as unknown as typeof grant, secret)).rejects.toMatchObject({
      code: 'bad-options',
      message: expect.stringContaining(sentence),
    })
})
