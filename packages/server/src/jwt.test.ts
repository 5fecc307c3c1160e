import { createHmac, generateKeyPairSync, sign as signWith, type KeyObject } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { PresenceError } from '@app/protocol'
import { FakeClock } from '@app/testkit'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Knock } from './admission.ts'
import { createIdentify, type AuthRequest, type Identity } from './authenticate.ts'
import { jwt, type JwtOptions } from './jwt.ts'
import type { Logger } from './logger.ts'

/*
 * The tokens are made by hand, so that what is checked is the form of a token and not that jose understands itself.
 */

const nowMs = 1_800_000_000_000
const now = nowMs / 1_000
const secret = 'correct horse battery staple, and 32 bytes'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed25519 = generateKeyPairSync('ed25519')

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: nowMs }))
afterEach(() => void vi.useRealTimers())

const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url')

type Sign = (text: string) => Buffer
const hmac =
  (key: string | Buffer): Sign =>
  (text) =>
    createHmac('sha256', key).update(text).digest()
const nobody: Sign = () => Buffer.alloc(0)
const rs256: Sign = (text) => signWith('sha256', Buffer.from(text), rsa.privateKey)
const es256: Sign = (text) => signWith('sha256', Buffer.from(text), { key: p256.privateKey, dsaEncoding: 'ieee-p1363' })
const eddsa: Sign = (text) => signWith(null, Buffer.from(text), ed25519.privateKey)

function token(claims: object, header: object = { alg: 'HS256' }, sign = hmac(secret)): string {
  const text = `${encode(header)}.${encode(claims)}`
  return `${text}.${sign(text).toString('base64url')}`
}

const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }) as string

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

type Auth = (token: string | undefined) => Promise<Identity | null | undefined>

function authOf(options: JwtOptions = { secret }): Auth {
  const auth = jwt(options)
  const request: AuthRequest = { token: undefined, clientId: 7, headers: {}, origin: undefined, address: undefined }
  return async (said) => auth({ ...request, token: said })
}

/** What a token is refused with. It never says anything of the token or the key. */
async function refusal(said: string | undefined, options?: JwtOptions): Promise<PresenceError> {
  const error: unknown = await authOf(options)(said).then(
    (identity) => expect.fail(`It was let in as ${JSON.stringify(identity)}`),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(PresenceError)
  const { message, cause } = error as PresenceError
  expect(cause).toBeUndefined()
  const parts = (said ?? '').split('.').filter((part) => part.length > 8)
  for (const part of [...parts, 'correct horse']) expect(message).not.toContain(part)
  return error as PresenceError
}

const unauthorized = { code: 'unauthorized', canRetry: false }

describe('who a client is', () => {
  test('[U1] comes from the claims of its token', async () => {
    const claims = {
      sub: 'ada',
      name: 'Ada',
      picture: 'https://a.example/ada.png',
      rooms: ['pr:board'],
      tenant: 'acme',
    }
    expect(await authOf()(token({ ...claims, exp: now + 60 }))).toEqual({
      user: { id: 'ada', name: 'Ada', avatarUrl: 'https://a.example/ada.png' },
      rooms: ['pr:board'],
      tenant: 'acme',
      expiresAtMs: nowMs + 65_000,
    })
  })

  test('[U1] a user in the token is taken whole, under the id that "sub" says', async () => {
    const user = { name: 'Ada', color: 'red', team: 'engines' }
    const claims = { sub: 'ada', name: 'Somebody', user }
    expect(await authOf()(token(claims))).toMatchObject({ user: { id: 'ada', ...user } })
    expect(await authOf()(token({ ...claims, user: { ...user, id: 'ada' } }))).toMatchObject({ user: { id: 'ada' } })
    expect(await refusal(token({ ...claims, user: { ...user, id: 'grace' } }))).toMatchObject(unauthorized)
  })

  test('rooms may be apart for reading and writing', async () => {
    const rooms = { read: ['pr:**'], write: ['pr:user-{userId}'] }
    expect(await authOf()(token({ sub: 'ada', rooms }))).toMatchObject({ rooms })
  })

  test('a token without rooms has those of the option, or all', async () => {
    expect(await authOf()(token({ sub: 'ada' }))).toMatchObject({ rooms: ['pr:**'], tenant: undefined })
    expect(await authOf({ secret, rooms: ['pr:lobby'] })(token({ sub: 'ada' }))).toMatchObject({ rooms: ['pr:lobby'] })
    expect(await authOf({ secret, rooms: ['pr:lobby'] })(token({ sub: 'ada', rooms: [] }))).toMatchObject({ rooms: [] })
  })

  test('a token without an end does not end', async () => {
    expect((await authOf()(token({ sub: 'ada' })))?.expiresAtMs).toBeUndefined()
  })

  test.each([
    ['sub', {}],
    ['sub', { sub: '' }],
    ['sub', { sub: 7 }],
    ['user', { sub: 'ada', user: 'Ada' }],
    ['user', { sub: 'ada', user: null }],
    ['user', { sub: 'ada', user: ['ada'] }],
    ['user', { sub: 'ada', user: { name: 7 } }],
    ['user', { sub: 'ada', user: { name: 'a'.repeat(1_024) } }],
    ['name', { sub: 'ada', name: { first: 'Ada' } }],
    ['picture', { sub: 'ada', picture: 7 }],
    ['picture', { sub: 'ada', picture: `data:${'a'.repeat(1_024)}` }],
    ['rooms', { sub: 'ada', rooms: null }],
    ['rooms', { sub: 'ada', rooms: 'pr:board' }],
    ['rooms', { sub: 'ada', rooms: ['board'] }],
    ['rooms', { sub: 'ada', rooms: ['pr:board', 7] }],
    ['rooms', { sub: 'ada', rooms: { read: ['pr:board'], wirte: [] } }],
    ['rooms', { sub: 'ada', rooms: { read: 'pr:board' } }],
    ['tenant', { sub: 'ada', tenant: null }],
    ['tenant', { sub: 'ada', tenant: 'a/b' }],
    ['exp', { sub: 'ada', exp: '2099-01-01' }],
  ])('[A2] a claim %s that cannot be used is refused by name (%#)', async (claim, claims) => {
    const error = await refusal(token(claims))
    expect(error).toMatchObject(unauthorized)
    expect(error.message).toContain(`"${claim}"`)
  })

  test('null is how providers say that they know no name', async () => {
    expect(await authOf()(token({ sub: 'ada', name: null, picture: null }))).toMatchObject({ user: { id: 'ada' } })
  })
})

describe('a token is refused', () => {
  test('[A2] when there is none', async () => {
    expect(await refusal(undefined)).toMatchObject({
      ...unauthorized,
      message: expect.stringContaining('wants a token'),
    })
    expect(await refusal('')).toMatchObject(unauthorized)
  })

  test.each(['x', 'a.b', 'a.b.c', '..', encode({ alg: 'HS256' }), 'e30.e30.', '🙂'])(
    'when it is none: %s',
    async (said) => expect(await refusal(said)).toMatchObject(unauthorized),
  )

  test('[U1] when nobody signed it, whatever it calls that', async () => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', undefined, null]) {
      expect(await refusal(token({ sub: 'ada' }, { alg }, nobody)), String(alg)).toMatchObject(unauthorized)
      expect(await refusal(token({ sub: 'ada' }, { alg }, nobody), { publicKey: pem(rsa.publicKey) })).toMatchObject(
        unauthorized,
      )
    }
    expect(await refusal(token({ sub: 'ada' }, { alg: 'HS256' }, nobody))).toMatchObject(unauthorized)
  })

  test('[U1] when another secret signed it', async () => {
    expect(await refusal(token({ sub: 'ada' }, { alg: 'HS256' }, hmac(`${secret}!`)))).toMatchObject(unauthorized)
  })

  test('[U1] when it was changed afterwards', async () => {
    const [header, , signature] = token({ sub: 'ada', rooms: ['pr:board'] }).split('.')
    const changed = `${header}.${encode({ sub: 'grace', rooms: ['pr:board'] })}.${signature}`
    expect(await refusal(changed)).toMatchObject(unauthorized)
  })

  test('[U1] when its secret is the public key, which everyone has', async () => {
    const text = pem(rsa.publicKey)
    for (const key of [text, text.trim(), rsa.publicKey.export({ type: 'spki', format: 'der' })]) {
      const forged = token({ sub: 'ada' }, { alg: 'HS256' }, hmac(key))
      expect(await refusal(forged, { publicKey: text })).toMatchObject(unauthorized)
      const named = token({ sub: 'ada' }, { alg: 'RS256' }, hmac(key))
      expect(await refusal(named, { publicKey: text })).toMatchObject(unauthorized)
    }
  })

  test('[U1] when its algorithm is not one of those that are taken', async () => {
    const hs512: Sign = (text) => createHmac('sha512', secret).update(text).digest()
    expect(await refusal(token({ sub: 'ada' }, { alg: 'HS512' }, hs512))).toMatchObject(unauthorized)
    const only = { publicKey: pem(rsa.publicKey), algorithms: ['PS256'] }
    expect(await refusal(token({ sub: 'ada' }, { alg: 'RS256' }, rs256), only)).toMatchObject(unauthorized)
  })

  test('[U1] when it brings its own key, or says where one is', async () => {
    const jwk = rsa.publicKey.export({ format: 'jwk' })
    const header = { alg: 'RS256', jwk, jku: 'http://127.0.0.1:1/keys', kid: '../../dev/null' }
    const other = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey
    expect(await refusal(token({ sub: 'ada' }, header, rs256), { publicKey: pem(other) })).toMatchObject(unauthorized)
  })

  test('[U1] when it is of another issuer, or for another audience, or does not say', async () => {
    const strict = { secret, issuer: 'https://id.example/', audience: ['presence', 'all'] }
    const right = { sub: 'ada', iss: 'https://id.example/', aud: ['shop', 'presence'] }
    expect(await authOf(strict)(token(right))).toMatchObject({ user: { id: 'ada' } })
    const wrong: [string, object][] = [
      ['iss', { ...right, iss: 'https://evil.example/' }],
      ['iss', { ...right, iss: 'https://id.example' }],
      ['iss', { ...right, iss: undefined }],
      ['aud', { ...right, aud: 'shop' }],
      ['aud', { ...right, aud: undefined }],
    ]
    for (const [claim, claims] of wrong) {
      const error = await refusal(token(claims), strict)
      expect(error).toMatchObject(unauthorized)
      expect(error.message).toContain(`"${claim}"`)
    }
  })
})

describe('time', () => {
  test('[A2] a token that has ended is refused with token-expired, and a new one makes sense', async () => {
    const expired = { code: 'token-expired', canRetry: true }
    expect(await refusal(token({ sub: 'ada', exp: now - 5 }))).toMatchObject(expired)
    expect(await refusal(token({ sub: 'ada', exp: now }), { secret, clockToleranceMs: 0 })).toMatchObject(expired)
    expect(await refusal(token({ sub: 'ada', exp: now - 60 }), { secret, clockToleranceMs: 60_000 })).toMatchObject(
      expired,
    )
  })

  test('clocks may be five seconds apart, and what is let in by that is not ended at once', async () => {
    const late = await authOf()(token({ sub: 'ada', exp: now - 4 }))
    expect(late?.expiresAtMs).toBe(nowMs + 1_000)
    expect(await authOf({ secret, clockToleranceMs: 60_000 })(token({ sub: 'ada', exp: now - 59 }))).toBeTruthy()
  })

  test('a token that is not valid yet is refused, beyond the tolerance', async () => {
    expect(await authOf()(token({ sub: 'ada', nbf: now + 5 }))).toBeTruthy()
    const error = await refusal(token({ sub: 'ada', nbf: now + 6 }))
    expect(error).toMatchObject({ ...unauthorized, message: expect.stringContaining('not valid yet') })
  })

  test('that a forged token has ended is not told', async () => {
    expect(await refusal(token({ sub: 'ada', exp: 1 }, { alg: 'HS256' }, hmac('another')))).toMatchObject(unauthorized)
  })
})

describe('a public key', () => {
  test.each([
    ['RSA', rsa.publicKey, 'RS256', rs256],
    ['P-256', p256.publicKey, 'ES256', es256],
    ['Ed25519', ed25519.publicKey, 'EdDSA', eddsa],
  ] as const)('of %s says which algorithm is taken', async (_name, key, alg, sign) => {
    const auth = authOf({ publicKey: pem(key) })
    expect(await auth(token({ sub: 'ada' }, { alg }, sign))).toMatchObject({ user: { id: 'ada' } })
  })

  test('is not exchanged for another', async () => {
    const forged = token({ sub: 'ada' }, { alg: 'ES256' }, es256)
    expect(await refusal(forged, { publicKey: pem(rsa.publicKey) })).toMatchObject(unauthorized)
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    expect(await refusal(forged, { publicKey: pem(other) })).toMatchObject(unauthorized)
  })
})

describe('keys at an address', () => {
  /** A provider that counts how often it is asked. It ends with the test. */
  async function provider(answer: () => { status?: number; body: unknown }) {
    let asked = 0
    const server: Server = createServer((_request, response) => {
      asked++
      const { status = 200, body } = answer()
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const close = (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    onTestFinished(close)
    const jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
    return { jwks, close, asked: () => asked }
  }

  const published = (key: KeyObject, kid: string, more = {}) => ({ ...key.export({ format: 'jwk' }), kid, ...more })
  const keys = [published(rsa.publicKey, 'r'), published(p256.publicKey, 'e'), published(ed25519.publicKey, 'x')]
  const unreachable = { code: 'unauthorized', canRetry: true, retryAfterMs: 5_000 }

  /** What a client is refused with while the keys cannot be had. The operator's log may know why. */
  const outage = (auth: Auth, said: string): Promise<unknown> => auth(said).catch((error: unknown) => error)

  test('are fetched once for many tokens', async () => {
    const { jwks, asked } = await provider(() => ({ body: { keys } }))
    const auth = authOf({ jwks })
    const tokens = [
      token({ sub: 'r' }, { alg: 'RS256', kid: 'r' }, rs256),
      token({ sub: 'e' }, { alg: 'ES256', kid: 'e' }, es256),
      token({ sub: 'x' }, { alg: 'EdDSA', kid: 'x' }, eddsa),
    ]
    const users = (await Promise.all(tokens.map(auth))).map((identity) => identity?.user?.id)
    expect(users).toEqual(['r', 'e', 'x'])
    expect(asked()).toBe(1)
  })

  test('[U1] a secret among them, or one of the keys as secret, signs nothing', async () => {
    const oct = { kty: 'oct', kid: 's', k: Buffer.from(secret).toString('base64url') }
    const { jwks } = await provider(() => ({ body: { keys: [...keys, oct] } }))
    expect(await refusal(token({ sub: 'ada' }, { alg: 'HS256', kid: 's' }), { jwks })).toMatchObject(unauthorized)
    const forged = token({ sub: 'ada' }, { alg: 'HS256', kid: 'r' }, hmac(pem(rsa.publicKey)))
    expect(await refusal(forged, { jwks })).toMatchObject(unauthorized)
    expect(await refusal(token({ sub: 'ada' }, { alg: 'none', kid: 'r' }, nobody), { jwks })).toMatchObject(
      unauthorized,
    )
  })

  test('[U1] a key that is not among them signs nothing', async () => {
    const { jwks } = await provider(() => ({ body: { keys: [published(rsa.publicKey, 'r')] } }))
    expect(await refusal(token({ sub: 'ada' }, { alg: 'ES256', kid: 'e' }, es256), { jwks })).toMatchObject(
      unauthorized,
    )
    expect(await refusal(token({ sub: 'ada' }, { alg: 'RS256', kid: 'r' }, es256), { jwks })).toMatchObject(
      unauthorized,
    )
  })

  test('a new key is found once it is used', async () => {
    let body = { keys: [published(rsa.publicKey, 'r')] }
    const { jwks } = await provider(() => ({ body }))
    const auth = authOf({ jwks })
    await auth(token({ sub: 'ada' }, { alg: 'RS256', kid: 'r' }, rs256))
    body = { keys }
    vi.setSystemTime(nowMs + 31_000)
    expect(await auth(token({ sub: 'ada' }, { alg: 'ES256', kid: 'e' }, es256))).toMatchObject({ user: { id: 'ada' } })
  })

  test('[A2] that cannot be fetched are not the fault of the client: it may try again', async () => {
    const { jwks, close } = await provider(() => ({ body: { keys } }))
    await close()
    const said = token({ sub: 'ada' }, { alg: 'RS256', kid: 'r' }, rs256)
    const error = await outage(authOf({ jwks }), said)
    expect(error).toMatchObject(unreachable)
    expect(JSON.stringify(error)).not.toContain(said)
    expect(JSON.stringify(error)).not.toContain(jwks)
  })

  test('that cannot be fetched are told to the operator, once for many clients and without a token', async () => {
    const { jwks } = await provider(() => ({ status: 503, body: {} }))
    const heard: [level: string, details: object][] = []
    const logger = Object.fromEntries(
      ['debug', 'info', 'warn', 'error'].map((level) => [level, (details: object) => heard.push([level, details])]),
    ) as unknown as Logger
    const identify = createIdentify({ auth: jwt({ jwks }), logger, clock: new FakeClock(), mostMs: 1_000 })
    const said = token({ sub: 'ada' }, { alg: 'RS256', kid: 'r' }, rs256)
    const knock: Knock = { origin: undefined, host: undefined, address: undefined, isForwarded: false, headers: {} }
    for (let clientId = 1; clientId <= 3; clientId++)
      await expect(identify(clientId, { token: said }, knock)).rejects.toMatchObject(unreachable)
    expect(heard.filter(([level]) => level !== 'info')).toEqual([
      ['warn', { err: expect.objectContaining(unreachable) }],
    ])
    const told = inspect(heard, { depth: null, showHidden: true })
    expect(told).toContain('Expected 200 OK')
    for (const part of said.split('.')) expect(told).not.toContain(part)
  })

  test.each([
    ['an error', 503, { keys }],
    ['another address', 302, { keys }],
    ['no keys', 200, { error: 'sorry' }],
    ['no object', 200, 'sorry'],
  ])('[A2] nor is a provider that answers with %s', async (_name, status, body) => {
    const { jwks } = await provider(() => ({ status, body }))
    const said = token({ sub: 'ada' }, { alg: 'RS256', kid: 'r' }, rs256)
    expect(await outage(authOf({ jwks }), said)).toMatchObject(unreachable)
  })

  test('a provider that is down is asked once a second, and its return is noticed', async () => {
    let status = 503
    const { jwks, asked } = await provider(() => ({ status, body: { keys } }))
    const auth = authOf({ jwks })
    const said = token({ sub: 'ada' }, { alg: 'RS256', kid: 'r' }, rs256)
    for (let client = 0; client < 5; client++) expect(await outage(auth, said)).toMatchObject(unreachable)
    expect(asked()).toBe(1)
    status = 200
    vi.setSystemTime(nowMs + 1_000)
    expect(await auth(said)).toMatchObject({ user: { id: 'ada' } })
  })
})

describe('options', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey
  const x25519 = generateKeyPairSync('x25519').publicKey
  const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey
  const privatePem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string

  test.each<[unknown, string]>([
    [undefined, 'takes its options'],
    [{}, 'exactly one of'],
    [{ secret, jwks: 'https://id.example/keys' }, 'exactly one of'],
    [{ secret: 'hunter2' }, 'at least 32 bytes'],
    [{ secret: 7 }, 'at least 32 bytes'],
    [{ secret: pem(rsa.publicKey) }, 'a key in PEM'],
    [{ jwks: 'http://id.example/keys' }, 'https'],
    [{ jwks: 'https://user:hunter2@id.example/keys' }, 'https'],
    [{ jwks: 'file:///etc/keys' }, 'https'],
    [{ jwks: 'id.example' }, 'https'],
    [{ publicKey: 'hunter2' }, 'no public key as PEM'],
    [{ publicKey: privatePem }, 'is a private key'],
    [{ publicKey: pem(weak) }, 'at least 2048 bits'],
    [{ publicKey: pem(x25519) }, 'of a kind that is not taken'],
    [{ publicKey: pem(secp256k1) }, 'of a kind that is not taken'],
    [{ secret, algorithms: ['none'] }, 'HS256'],
    [{ secret, algorithms: ['RS256'] }, 'HS256'],
    [{ secret, algorithms: [] }, 'HS256'],
    [{ publicKey: pem(rsa.publicKey), algorithms: ['HS256'] }, 'RS256'],
    [{ jwks: 'https://id.example/keys', algorithms: ['RS256', 'HS256'] }, 'RS256'],
    [{ secret, issuer: '' }, 'issuer'],
    [{ secret, audience: [7] }, 'audience'],
    [{ secret, audience: [] }, 'audience'],
    [{ secret, clockToleranceMs: -1 }, 'clockToleranceMs'],
    [{ secret, clockToleranceMs: Number.NaN }, 'clockToleranceMs'],
    [{ secret, clockToleranceMs: 300_001 }, 'clockToleranceMs'],
    [{ secret, rooms: ['board'] }, 'pattern'],
    [{ secret, rooms: 'pr:board' }, 'rooms'],
    [{ secret, rooms: null }, 'rooms'],
    [{ secret, audiense: 'x' }, 'no option "audiense"'],
  ])('that are wrong are refused at once, in a sentence without the secret: %#', (options, sentence) => {
    const error = thrownBy(() => jwt(options as JwtOptions)) as Error
    expect(error).toMatchObject({ name: 'PresenceError', code: 'bad-options' })
    expect(error.message).toContain(sentence)
    expect(error.message).not.toMatch(/hunter2|correct horse|\n/)
  })

  test('that are right are taken', () => {
    for (const jwks of ['https://id.example/keys', 'http://localhost:8080/keys', 'http://[::1]/keys'])
      expect(jwt({ jwks, issuer: ['a', 'b'], audience: 'c', algorithms: ['RS256'] })).toBeTypeOf('function')
    expect(jwt({ secret: 'ä'.repeat(16), algorithms: ['HS256'], clockToleranceMs: 0 })).toBeTypeOf('function')
  })
})
