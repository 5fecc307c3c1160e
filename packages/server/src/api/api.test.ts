import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { defineRooms } from '@app/protocol'
import { connectTo, FakeClock, FakeLinks } from '@app/testkit'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { adminTokenOf } from '../admin-token.ts'
import { PresenceCore } from '../core.ts'
import { issuerFor, jwt } from '../jwt.ts'
import { Operator } from '../operator.ts'
import { checkOptions, type PresenceServerOptions } from '../server-options.ts'
import { admitRequest, isOfApi, type ApiOptions } from './api.ts'
import { statusCodes, type Answer } from './problem.ts'
import { routes } from './routes.ts'

const token = 'an-admin-token-of-32-characters!'
const secret = 'a-secret-for-tests-and-nothing-else'
const startMs = new FakeClock().wallMs()
const bodyBytes = 2_000

// ── The document ──

interface Responses {
  readonly [status: string]: { readonly $ref?: string; readonly content?: Readonly<Record<string, unknown>> }
}
interface Operation {
  readonly responses: Responses
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: object
}
interface Parameter {
  readonly $ref?: string
  readonly name?: string
  readonly in?: string
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>> & { parameters?: readonly Parameter[] }>>
  readonly components: {
    readonly responses: Responses
    readonly parameters: Readonly<Record<string, Parameter>>
  }
}

const text = readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')
const openapi = JSON.parse(text) as Document

/** The same with nothing allowed in an object that it does not name. */
const strict = JSON.parse(text, (_, value: unknown) => {
  const isShut = typeof value === 'object' && value !== null && 'properties' in value && 'type' in value
  return isShut ? { additionalProperties: false, ...value } : value
}) as object
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true })
// What is not a schema in it: as far as ajv is concerned it is a drawer of them.
ajv.addVocabulary(Object.keys(openapi))
ajv.addSchema(strict, 'openapi')

const methods = ['get', 'put', 'post', 'delete']
const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
  Object.keys(item)
    .filter((name) => methods.includes(name))
    .map((method) => ({ name: `${method.toUpperCase()} ${path}`, path, method, operation: item[method] as Operation })),
)

const pointer = (...parts: string[]): string =>
  parts.map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')

/** Throws unless the document says that this may be answered. */
function check(name: string, { status, headers, body }: Answer): void {
  const found = operations.find((each) => each.name === name)
  const said = found?.operation.responses[String(status)]
  if (!found || !said) throw new Error(`openapi.json does not say that ${name} answers ${status}.`)
  const at = said.$ref ?? `#${pointer('paths', found.path, found.method, 'responses', String(status))}`
  const response = said.$ref ? openapi.components.responses[said.$ref.split('/').at(-1) ?? ''] : said
  const [type] = Object.keys(response?.content ?? {})
  if (type === undefined) {
    expect(body, `${name} ${status}`).toBeUndefined()
    return
  }
  expect(headers?.['Content-Type'] ?? 'application/json').toBe(type)
  const validate = ajv.compile({ $ref: `openapi${at}${pointer('content', type, 'schema')}` })
  expect(validate(JSON.parse(JSON.stringify(body))), `${name} ${status}: ${ajv.errorsText(validate.errors)}`).toBe(true)
}

/** What the tests below have been answered, as `GET /v1/rooms 200`. */
const seen = new Set<string>()

// ── A server without sockets ──

interface Said {
  readonly body?: unknown
  /** A body that is sent as it is; null: one that is too large. */
  readonly text?: string | null
  readonly authorization?: string
  readonly contentType?: string
}

function open(options: PresenceServerOptions = {}, more: Partial<ApiOptions> = {}) {
  const clock = new FakeClock()
  const links = new FakeLinks()
  const logged: [string, object][] = []
  const log = (details: object, sentence: string): void => void logged.push([sentence, details])
  const logger = { debug: log, info: log, warn: log, error: log }
  const checked = checkOptions({ logger, adminToken: token, ...options })
  const admin = adminTokenOf(token, logger, () => clock.monotonicMs())
  const policy = { mode: 'open', origins: undefined } as const
  const core = new PresenceCore({ ...checked, admin, clock, transport: links, policy })
  let runs = true
  const operator = new Operator({ ...checked, core: () => (runs ? core : undefined) })
  const api: ApiOptions = {
    ...{ adminToken: admin, logger, operator, issue: issuerFor(options.auth), bodyBytes },
    ...more,
  }

  /** Asks, and checks the answer against the document. */
  async function ask(method: string, url: string, said: Said = {}): Promise<Answer> {
    const { body, authorization = `Bearer ${token}`, contentType = 'application/json' } = said
    const admitted = admitRequest({ method, url, authorization, contentType }, api)
    const sent = said.text === undefined ? JSON.stringify(body) : said.text
    const answer = 'answer' in admitted ? await admitted.answer(sent) : admitted
    const [path = ''] = url.split('?', 1)
    const route = operations.find(
      (each) =>
        each.method.toUpperCase() === (method === 'HEAD' ? 'GET' : method) &&
        new RegExp(`^${each.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
    )
    if (route) {
      check(route.name, answer)
      seen.add(`${route.name} ${answer.status}`)
    } else expect(ajv.validate({ $ref: 'openapi#/components/schemas/Problem' }, answer.body)).toBe(true)
    return answer
  }
  const connect = (clientId: number, user?: string) =>
    connectTo(core, links, { clientId, ...(user === undefined ? {} : { user: { id: user } }) })
  const halt = (): void => void (runs = false)
  return { clock, core, links, logged, ask, connect, halt, here: (key: string) => core.entries(key) }
}

const key = 'pr:team/board'
const room = `/v1/rooms/${encodeURIComponent(key)}`
const coded = (code: string, status: number): object =>
  expect.objectContaining({ status, body: expect.objectContaining({ code, status }) as object })
const put = (body: object = {}): Said => ({ body: { data: 'here', ttlMs: 60_000, ...body } })
const idOf = ({ body }: Answer): number => (body as { clientId: number }).clientId

describe('rooms', () => {
  test('are listed by key, with how many are in them and listen to them, a page at a time', async () => {
    const { ask, connect } = open()
    const ada = await connect(1, 'ada')
    const grace = await connect(2, 'ada')
    for (const name of ['c', 'a', 'b']) ada.say('p', [[`pr:${name}`, 1, 30_000, 1, 'x']])
    grace.say('p', [['pr:b', 1, 30_000, 1, 'x']])
    grace.say('enter', 'pr:b')
    grace.say('enter', 'pr:watched')
    const row = (name: string, clients: number, users: number, listeners: number): object => ({
      ...{ key: `pr:${name}`, clients, users, listeners },
    })
    const [a, b, c, watched] = [row('a', 1, 1, 0), row('b', 2, 1, 1), row('c', 1, 1, 0), row('watched', 0, 0, 1)]
    expect(await ask('GET', '/v1/rooms')).toEqual({ status: 200, body: { rooms: [a, b, c, watched], next: null } })
    const first = await ask('GET', '/v1/rooms?limit=2')
    expect(first.body).toEqual({ rooms: [a, b], next: 'pr:b' })
    ada.say('l', 'pr:b', 9)
    grace.say('bye')
    ada.say('p', [['pr:bb', 10, 30_000, 1, 'x']])
    expect((await ask('GET', '/v1/rooms?limit=2&after=pr:b')).body).toEqual({
      rooms: [row('bb', 1, 1, 0), c],
      next: 'pr:c',
    })
    expect((await ask('GET', '/v1/rooms?limit=2&after=pr:c')).body).toEqual({ rooms: [watched], next: null })
    expect((await ask('GET', `/v1/rooms?prefix=${encodeURIComponent('pr:b')}`)).body).toMatchObject({
      rooms: [{ key: 'pr:b', clients: 0, listeners: 1 }, { key: 'pr:bb' }],
    })
  })

  test('of tenants are told apart, and every page begins behind the one before', async () => {
    const { ask } = open()
    for (const tenant of ['b', 'a']) {
      await ask('PUT', `/v1/rooms/pr:y/entries?tenant=${tenant}`, put())
      await ask('PUT', `/v1/rooms/pr:x/entries?tenant=${tenant}`, put())
    }
    await ask('PUT', '/v1/rooms/pr:y/entries', put())
    const all: unknown[] = []
    let next: string | null = ''
    while (next !== null) {
      const { body } = await ask('GET', `/v1/rooms?limit=1&after=${encodeURIComponent(next)}`)
      const page = body as { rooms: { key: string; tenant?: string }[]; next: string | null }
      all.push(...page.rooms.map((each) => [each.key, each.tenant]))
      next = page.next
    }
    expect(all).toEqual([
      ...[
        ['pr:x', 'a'],
        ['pr:x', 'b'],
      ],
      ...[
        ['pr:y', undefined],
        ['pr:y', 'a'],
        ['pr:y', 'b'],
      ],
    ])
    expect((await ask('GET', '/v1/rooms?tenant=a')).body).toMatchObject({
      rooms: [
        { key: 'pr:x', tenant: 'a' },
        { key: 'pr:y', tenant: 'a' },
      ],
    })
    expect((await ask('GET', '/v1/rooms/pr:y?tenant=a')).body).toMatchObject({ key: 'pr:y', tenant: 'a', clients: 1 })
    expect((await ask('GET', '/v1/rooms/pr:y/count?tenant=c')).body).toEqual({ users: 0, clients: 0 })
  })

  test('are told whole: who is there, how long, and whether a client holds it', async () => {
    const { ask, connect, core, clock } = open()
    const ada = await connect(7, 'ada')
    ada.say('enter', key)
    ada.say('p', [[key, 1, 30_000, 1, { x: 1 }]])
    clock.advance(10)
    const written = await ask('PUT', `${room}/entries`, put({ user: { id: 'ada', role: ['bot'] }, data: null }))
    expect((await ask('GET', room)).body).toEqual({
      ...{ key, epoch: core.epoch, version: 1, nowMs: startMs + 10, users: 1, clients: 2 },
      entries: [
        {
          ...{ clientId: 7, data: { x: 1 }, user: { id: 'ada' }, isHeld: true },
          ...{ joinedAtMs: startMs, expiresAtMs: startMs + 30_000 },
        },
        {
          ...{ clientId: idOf(written), data: null, user: { id: 'ada', role: ['bot'] }, isHeld: false },
          ...{ joinedAtMs: startMs + 10, expiresAtMs: startMs + 60_010 },
        },
      ],
    })
    expect(await ask('GET', `${room}/count`)).toEqual({ status: 200, body: { users: 1, clients: 2 } })
    expect((await ask('GET', '/v1/rooms/pr:nobody')).body).toMatchObject({ version: 0, entries: [], clients: 0 })
  })
})

describe('entries', () => {
  test('are put, put again under the same id, and taken away', async () => {
    const { ask, here, clock } = open()
    const first = await ask('PUT', `${room}/entries`, put({ user: { id: 'bot' } }))
    expect(first).toEqual({
      status: 201,
      body: { clientId: expect.any(Number) as number, joinedAtMs: startMs, expiresAtMs: startMs + 60_000 },
    })
    const clientId = idOf(first)
    expect(Number.isSafeInteger(clientId) && clientId < 0).toBe(true)
    clock.advance(5)
    expect(await ask('PUT', `${room}/entries`, put({ clientId, ttlMs: 1_000.9, data: { __proto__x: 1 } }))).toEqual({
      status: 200,
      body: { clientId, joinedAtMs: startMs, expiresAtMs: startMs + 1_005 },
    })
    expect(here(key)).toMatchObject([{ clientId, data: { __proto__x: 1 }, user: undefined }])
    expect(await ask('DELETE', `${room}/entries/${clientId}?banMs=0`)).toEqual(coded('bad-options', 400))
    expect(await ask('DELETE', `${room}/entries/${clientId}`)).toEqual({ status: 204 })
    expect(here(key)).toEqual([])
    expect(await ask('DELETE', `${room}/entries/${clientId}`)).toEqual(coded('not-found', 404))
    expect(await ask('PUT', `${room}/entries`, put({ clientId }))).toEqual(coded('not-found', 404))
  })

  test('of a client are kicked, and it may not come back for banMs', async () => {
    const { ask, connect, here } = open()
    const ada = await connect(7)
    ada.say('p', [[key, 1, 30_000, 1, 'x']])
    ada.take()
    expect(await ask('DELETE', `${room}/entries/7?banMs=5000`)).toEqual({ status: 204 })
    expect(ada.take()).toMatchObject([['refused', { code: 'kicked', event: 'kick', retryAfterMs: 5_000 }]])
    ada.say('p', [[key, 2, 30_000, 1, 'x']])
    expect(here(key)).toEqual([])
    expect(await ask('DELETE', `${room}/entries/8`)).toEqual(coded('not-found', 404))
    for (const banMs of ['2678400001', '-1'])
      expect(await ask('DELETE', `${room}/entries/7?banMs=${banMs}`)).toEqual(coded('bad-options', 400))
  })

  test('and what else an operator changes are a line each in the log, without whose and where', async () => {
    const { ask, connect, logged } = open({}, { issue: issuerFor(jwt({ secret })) })
    const ada = await connect(7, 'ada-lovelace')
    ada.say('p', [[key, 1, 30_000, 1, 'the data']])
    logged.length = 0
    const clientId = idOf(await ask('PUT', `${room}/entries`, put({ data: 'the data', user: { id: 'ada-lovelace' } })))
    await ask('DELETE', `${room}/entries/${clientId}`)
    await ask('DELETE', `${room}/entries/7?banMs=5000`)
    await ask('DELETE', `${room}/entries/7`)
    const grant = { user: { id: 'ada-lovelace' }, rooms: [key], ttlMs: 60_000 }
    const { body } = await ask('POST', '/v1/tokens', { body: grant })
    await ask('POST', '/v1/disconnect', { body: { userId: 'ada-lovelace' } })
    const lines = logged.filter(([sentence]) => !/^(Refused|A client has gone)/.test(sentence))
    expect(lines).toEqual([
      ['An entry was put.', { clientId }],
      ['An entry that was put was taken away.', { clientId }],
      ['A client was kicked.', { clientId: 7, banMs: 5_000 }],
      ['A token was made.', { expiresAtMs: expect.any(Number) as number }],
      ['Clients were disconnected.', { disconnected: 1 }],
    ])
    for (const hidden of [key, 'ada-lovelace', 'the data', (body as { token: string }).token])
      expect(JSON.stringify(logged)).not.toContain(hidden)
  })

  test.each([
    [{ ttlMs: 999 }, 'bad-ttl'],
    [{ ttlMs: 86_400_001 }, 'bad-ttl'],
    [{ ttlMs: '5000' }, 'bad-ttl'],
    [{ user: { name: 'no id' } }, 'bad-user'],
    [{ user: null }, 'bad-user'],
    [{ clientId: 7 }, 'bad-options'],
    [{ clientId: -1.5 }, 'bad-options'],
    [{ tenant: 'acme' }, 'bad-options'],
    [{ ttl: 5_000 }, 'bad-options'],
  ])('are refused as %j', async (body, code) => {
    const { ask, here } = open()
    expect(await ask('PUT', `${room}/entries`, put(body))).toEqual(coded(code, 400))
    expect(here(key)).toEqual([])
  })

  test('that do not fit are refused: the data, the room, and a room that is full', async () => {
    const rooms = defineRooms({
      'pr:typed': z.object({ x: z.number() }),
      'pr:broken': z.string().refine(async () => true),
    })
    const { ask } = open({ rooms, limits: { roomClients: 1, dataBytes: 100 } })
    const to = (name: string, body: object) => ask('PUT', `/v1/rooms/${name}/entries`, put(body))
    expect(await to('pr:typed', { data: { x: 'one' } })).toEqual(coded('bad-data', 400))
    expect(await to('pr:typed', { data: undefined })).toEqual(coded('bad-data', 400))
    expect(await to('pr:broken', { data: '' })).toEqual(coded('bad-schema', 500))
    expect(await to('pr:room', { data: 'x'.repeat(99) })).toEqual(coded('too-large', 413))
    expect(await to('pr:typed', { data: { x: 1 } })).toMatchObject({ status: 201 })
    const full = await to('pr:typed', { data: { x: 1 } })
    expect(full).toEqual(coded('room-full', 409))
    expect(full.headers).toMatchObject({ 'Retry-After': '5' })
    for (const body of [5, null, 'text', [1]])
      expect(await ask('PUT', `${room}/entries`, { body })).toEqual(coded('bad-options', 400))
  })

  test('are not taken while the server stops', async () => {
    const { ask, core } = open()
    core.drain()
    expect(await ask('PUT', `${room}/entries`, put())).toEqual(coded('draining', 503))
  })
})

describe('users', () => {
  test.each([{}, { issuer: ['https://id.example', 'other'], audience: 'presence' }])(
    'get tokens that the server accepts (%j)',
    async (more) => {
      const auth = jwt({ secret, ...more })
      const { ask } = open({ auth })
      const grant = { user: { id: 'ada', name: 'Ada' }, rooms: { read: ['pr:**'] }, ttlMs: 60_000, tenant: 'acme' }
      const { status, body } = await ask('POST', '/v1/tokens', { body: grant })
      expect(status).toBe(201)
      const made = body as { token: string; expiresAtMs: number }
      expect(made.expiresAtMs % 1_000).toBe(0)
      expect(made.expiresAtMs - Date.now()).toBeGreaterThan(50_000)
      const request = { token: made.token, clientId: 1, headers: {}, origin: undefined, address: undefined }
      expect(await auth(request)).toEqual({
        ...{ user: grant.user, rooms: grant.rooms, tenant: 'acme', expiresAtMs: made.expiresAtMs + 5_000 },
      })
      for (const wrong of [{ ttlMs: 5 }, { room: [] }, { user: undefined }])
        expect(await ask('POST', '/v1/tokens', { body: { ...grant, ...wrong } })).toMatchObject({ status: 400 })
      expect(await ask('POST', '/v1/tokens', { body: null })).toMatchObject({ status: 400 })
    },
  )

  test('get none from a server without a secret, and no other auth function is asked for one', async () => {
    const body = { user: { id: 'ada' }, rooms: ['pr:**'], ttlMs: 60_000 }
    for (const auth of [undefined, () => ({}), jwt({ jwks: 'https://id.example/jwks.json' })]) {
      const { ask } = open({ auth })
      expect(await ask('POST', '/v1/tokens', { body })).toEqual(coded('no-secret', 409))
    }
  })

  test('have to say anew who they are', async () => {
    const { ask, connect } = open()
    const [one, two, other] = [await connect(1, 'ada'), await connect(2, 'ada'), await connect(3)]
    const end = (body: unknown) => ask('POST', '/v1/disconnect', { body })
    expect(await end({ userId: 'ada' })).toEqual({ status: 200, body: { disconnected: 2 } })
    expect([one, two, other].map(({ link }) => link.isClosed)).toEqual([true, true, false])
    expect((await end({ userId: 'ada', tenant: 'acme' })).body).toEqual({ disconnected: 0 })
    expect((await end({ clientId: 3 })).body).toEqual({ disconnected: 1 })
    for (const tenant of [null, 5, 'a!b', ''])
      expect(await end({ userId: 'ada', tenant })).toEqual(coded('bad-options', 400))
    for (const body of [{}, null, { userId: 5 }, { clientId: '3' }, { clientId: 3, userId: 'ada' }, []])
      expect(await end(body)).toEqual(coded('bad-options', 400))
  })
})

describe('a request', () => {
  test('of whoever has no admin token is refused, whatever it asks for, and how many there were is logged now and then', async () => {
    const { ask, logged, clock } = open()
    const wrong = ['', token, 'Bearer', `Bearer ${token}x`, `Bearer ${token.slice(1)}`, `Basic ${token}`, 'Bearer  ']
    for (const authorization of wrong) {
      const answer = await ask('GET', '/v1/rooms', { authorization })
      expect(answer).toEqual(coded('unauthorized', 401))
      expect(answer.headers).toMatchObject({ 'WWW-Authenticate': 'Bearer' })
    }
    for (const { method, path } of operations) {
      const url = path.replace('{key}', 'pr:a').replace('{clientId}', '1')
      expect(await ask(method.toUpperCase(), url, { authorization: 'Bearer no', text: '{' })).toEqual(
        coded('unauthorized', 401),
      )
    }
    expect(await ask('GET', '/v1/no-such-path', { authorization: '' })).toEqual(coded('unauthorized', 401))
    expect(logged).toEqual([[expect.any(String), { attempts: 1 }]])
    clock.advance(60_000)
    await ask('GET', '/v1/rooms', { authorization: 'Bearer no' })
    expect(logged.at(-1)?.[1]).toEqual({ attempts: wrong.length + operations.length + 1 })
    expect(JSON.stringify(logged)).not.toContain(token.slice(1))
  })

  test('may write its scheme as it likes', async () => {
    expect(await open().ask('GET', '/v1/rooms', { authorization: `bearer ${token} ` })).toMatchObject({ status: 200 })
  })

  test('of another path or method is refused, and told which there are', async () => {
    const { ask } = open()
    const paths = [
      '/v1',
      '/v1/',
      '/v1/rooms/',
      '/v1/rooms//count',
      '/v1/rooms/pr:a/b/count',
      '/v1/rooms/pr:a/',
      '/v2/rooms',
    ]
    for (const path of paths) expect(await ask('GET', path), path).toEqual(coded('not-found', 404))
    const allowed = async (method: string, path: string) => {
      const answer = await ask(method, path)
      expect(answer).toEqual(coded('method-not-allowed', 405))
      return answer.headers?.['Allow']
    }
    expect(await allowed('POST', '/v1/rooms')).toBe('GET, HEAD')
    expect(await allowed('OPTIONS', room)).toBe('GET, HEAD')
    expect(await allowed('GET', `${room}/entries`)).toBe('PUT')
    expect(await allowed('PATCH', `${room}/entries/1`)).toBe('DELETE')
    expect(await allowed('get', '/v1/rooms')).toBe('GET, HEAD')
    const head = await ask('HEAD', `${room}/count`)
    expect(head).toEqual({ status: 200, body: { users: 0, clients: 0 } })
  })

  test('with a key, a query or a number that is none is refused', async () => {
    const { ask } = open()
    for (const path of [
      '/v1/rooms/board',
      '/v1/rooms/pr:%20',
      '/v1/rooms/%',
      '/v1/rooms/pr:%2',
      `/v1/rooms/pr:${'a'.repeat(254)}`,
    ])
      for (const more of ['', '/count']) expect(await ask('GET', `${path}${more}`), path).toEqual(coded('bad-key', 400))
    expect(await ask('PUT', '/v1/rooms/board/entries', put())).toEqual(coded('bad-key', 400))
    const queries = [
      'limit=0',
      'limit=1001',
      'limit=5.5',
      'limit=',
      'limit=1e2',
      'limits=5',
      'limit=5&limit=6',
      'tenant=',
      'tenant=a!b',
      'constructor=1',
    ]
    for (const query of queries)
      expect(await ask('GET', `/v1/rooms?${query}`), query).toEqual(coded('bad-options', 400))
    for (const path of [`${room}?limit=5`, '/v1/openapi.json?tenant=a', `${room}/count?tenant=a&tenant=b`])
      expect(await ask('GET', path), path).toEqual(coded('bad-options', 400))
    for (const id of [
      'x',
      '1.5',
      '99999999999999999',
      '9007199254740993',
      '0x1',
      '1?banMs=-1',
      '1?banMs=',
      '-1?banMs=5',
    ])
      expect(await ask('DELETE', `${room}/entries/${id}`), id).toEqual(coded('bad-options', 400))
    expect(await ask('POST', '/v1/tokens?tenant=a', { body: {} })).toEqual(coded('bad-options', 400))
    expect(await ask('GET', '/v1/rooms?after=%E0%A4%A&prefix=a?b')).toEqual({
      status: 200,
      body: { rooms: [], next: null },
    })
  })

  test('with a body that is no JSON, not said to be, or too large, is refused', async () => {
    const { ask } = open({ auth: jwt({ secret }) })
    const withBodies = operations.filter(({ operation }) => operation.requestBody)
    expect(withBodies).toHaveLength(3)
    for (const { method, path } of withBodies) {
      const say = (said: Said) => ask(method.toUpperCase(), path.replace('{key}', 'pr:a'), said)
      for (const bad of ['', '{', 'null x', '\u0000'])
        expect(await say({ text: bad })).toEqual(coded('bad-message', 400))
      for (const contentType of ['', 'text/plain', 'application/jsonp', 'application/x-www-form-urlencoded'])
        expect(await say({ text: '{}', contentType })).toEqual(coded('unsupported-media-type', 415))
      expect(await say({ text: null })).toEqual(coded('too-large', 413))
      expect(await say({ text: '{}', contentType: 'Application/JSON; charset=utf-8' })).toMatchObject({ status: 400 })
    }
  })

  test('with what is nested too deeply to be shown is refused as any other', async () => {
    const { ask, logged } = open()
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    const texts = [deep, `{"userId":${deep}}`, `{"userId":"ada","tenant":${deep}}`, `{"clientId":${deep}}`]
    for (const text of texts) expect(await ask('POST', '/v1/disconnect', { text })).toEqual(coded('bad-options', 400))
    expect(await ask('PUT', `${room}/entries`, { text: `{"ttlMs":5000,"data":${deep}}` })).toEqual(
      coded('bad-data', 400),
    )
    expect(logged).toEqual([])
  })

  test('while the server does not run is told to come back, unless it is for the document', async () => {
    const { ask, halt } = open()
    halt()
    const body = { userId: 'ada' }
    for (const { method, path } of operations.filter((each) => each.path !== '/v1/openapi.json')) {
      const url = path.replace('{key}', 'pr:a').replace('{clientId}', '1')
      const answer = await ask(method.toUpperCase(), url, { body })
      expect(answer).toEqual(coded('draining', 503))
      expect(answer.headers).toMatchObject({ 'Retry-After': '5' })
    }
    expect(await ask('GET', '/v1/openapi.json')).toMatchObject({ status: 200 })
    expect(await ask('GET', '/v1/rooms', { authorization: '' })).toEqual(coded('unauthorized', 401))
  })

  test('that the server fails at is told so and no more, and its log has the rest', async () => {
    const broken = new Operator({
      ...{ keyBytes: 256, dataBytes: 100, logger: { debug() {}, info() {}, warn() {}, error() {} } },
      core: () => {
        throw new TypeError('a detail')
      },
    })
    const fails = { operator: broken, issue: () => Promise.reject(new TypeError('a detail')) }
    const { ask, logged } = open({}, fails)
    const able = operations.filter(({ operation }) => '500' in operation.responses)
    for (const { method, path } of able) {
      const url = path.replace('{key}', 'pr:secret').replace('{clientId}', '1')
      const body = { entries: { data: 1, ttlMs: 5_000 }, disconnect: { userId: 'ada' } }[path.split('/').at(-1) ?? '']
      const answer = await ask(method.toUpperCase(), url, { body: body ?? {} })
      expect(answer).toEqual(coded('internal', 500))
      expect(JSON.stringify(answer)).not.toContain('a detail')
    }
    expect(logged).toHaveLength(able.length)
    expect(logged[1]?.[1]).toMatchObject({
      err: expect.any(TypeError) as Error,
      path: '/v1/rooms/{key}',
      method: 'GET',
    })
    expect(JSON.stringify(logged)).not.toContain('pr:secret')
  })

  test('is one of the interface by its path alone', () => {
    const [ours, others] = [
      ['/v1', '/v1/', '/v1?a', '/v1/rooms?a=/b'],
      ['/', '/v10', '/v1x/', '/a/v1/', '//v1/', ''],
    ]
    expect(ours.map(isOfApi)).toEqual(ours.map(() => true))
    expect(others.map(isOfApi)).toEqual(others.map(() => false))
  })
})

describe('openapi.json', () => {
  test('is a document of OpenAPI 3.1', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(JSON.parse(text) as Record<string, unknown>)
    expect(errors ?? []).toEqual([])
    expect([valid, validator.version]).toEqual([true, '3.1'])
  })

  test('is what the server answers', async () => {
    expect(await open().ask('GET', '/v1/openapi.json')).toEqual({ status: 200, body: openapi })
  })

  test('has every route with what it takes, and no other', () => {
    const documented = operations.map(({ name, path, operation: { parameters = [], requestBody } }) => {
      const all = [...parameters, ...(openapi.paths[path]?.parameters ?? [])]
      const known = all.map((each) =>
        each.$ref ? openapi.components.parameters[each.$ref.split('/').at(-1) ?? ''] : each,
      )
      const names = (kind: string) => known.filter((each) => each?.in === kind).map((each) => String(each?.name))
      expect(new Set(names('path').map((each) => `{${each}}`)), name).toEqual(new Set(path.match(/\{\w+\}/g)))
      return `${name}?${names('query').sort().join('&')}${requestBody ? ' and a body' : ''}`
    })
    const inCode = routes.map(({ method, path, query }) => {
      const takesBody = method === 'PUT' || method === 'POST'
      return `${method} ${path}?${[...query].sort().join('&')}${takesBody ? ' and a body' : ''}`
    })
    expect(documented.sort()).toEqual(inCode.sort())
  })

  test('has every code that is answered, and no other', () => {
    const { components } = openapi as unknown as {
      components: { schemas: { Problem: { properties: { code: { enum: string[] } } } } }
    }
    expect(components.schemas.Problem.properties.code.enum.sort()).toEqual(
      [...statusCodes, 'bad-schema', 'internal'].sort(),
    )
  })

  test('promises no status that none of these tests has seen', () => {
    const promised = operations.flatMap(({ name, operation }) =>
      Object.keys(operation.responses).map((status) => `${name} ${status}`),
    )
    expect([...seen].sort()).toEqual(promised.sort())
  })
})
