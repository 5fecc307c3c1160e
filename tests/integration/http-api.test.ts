import { createServer, request, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { createPresenceClient, type PresenceClientOptions, type PresenceChange } from '@app/client'
import { createPresenceServer, type PresenceServer, type PresenceServerOptions } from '@app/server'
import { expect, onTestFinished, test } from 'vitest'
import { runProgram } from './program.ts'

/*
 * The HTTP interface on a port. What is answered to what is tried without one, in packages/server/src/api/api.test.ts.
 */

const adminToken = 'an-admin-token-of-32-characters!'
const authorization = `Bearer ${adminToken}`
const json = 'application/json'
const room = '/v1/rooms/pr%3Ateam%2Fboard'
const soon = { timeout: 5_000 }

async function start(options: PresenceServerOptions = {}): Promise<{ server: PresenceServer; url: string }> {
  const server = createPresenceServer({ adminToken, ...options })
  onTestFinished(() => server.close())
  return { server, url: (await server.listen({ port: 0 })).url }
}

function ask(url: string, method = 'GET', body?: unknown): Promise<Response> {
  const headers = { Authorization: authorization, ...(body === undefined ? {} : { 'Content-Type': json }) }
  return fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
}

function join(options: PresenceClientOptions) {
  const client = createPresenceClient(options)
  onTestFinished(() => client.close())
  return client
}

test('a client sees the entry of a bot come, change and go, and the bot sees the client', async () => {
  const { url } = await start()
  const client = join({ url, user: { id: 'ada' } })
  const board = client.presence('pr:team/board')
  const changes: PresenceChange[] = []
  board.onChange((_, change) => changes.push(change))
  board.track({ x: 1 })
  const seen = () => [...board.value().values()].map(({ data }) => data)
  await expect.poll(() => board.status, soon).toBe('live')

  const put = await ask(`${url}${room}/entries`, 'PUT', { data: 'reading', ttlMs: 60_000, user: { id: 'bot' } })
  expect([put.status, put.headers.get('content-type')]).toEqual([201, json])
  const { clientId, expiresAtMs } = (await put.json()) as { clientId: number; expiresAtMs: number }
  await expect.poll(seen, soon).toEqual([{ x: 1 }, 'reading'])
  const entry = board.value().get(clientId)
  expect(entry).toMatchObject({ clientId, expiresAtMs, user: { id: 'bot' } })
  await expect.poll(async () => (await ask(`${url}${room}/count`)).json(), soon).toEqual({ users: 2, clients: 2 })

  await ask(`${url}${room}/entries`, 'PUT', { data: 'writing', ttlMs: 60_000, user: { id: 'bot' }, clientId })
  await expect.poll(seen, soon).toEqual([{ x: 1 }, 'writing'])
  const gone = await ask(`${url}${room}/entries/${clientId}`, 'DELETE')
  expect([gone.status, await gone.text()]).toEqual([204, ''])
  await expect.poll(seen, soon).toEqual([{ x: 1 }])
  expect(changes.at(-1)).toMatchObject({ left: [{ clientId, reason: 'left' }] })

  await ask(`${url}${room}/entries/${client.clientId}`, 'DELETE')
  await expect.poll(seen, soon).toEqual([])
  expect(changes.at(-1)).toMatchObject({ left: [{ clientId: client.clientId, reason: 'kicked' }] })
})

test('answers are for nobody to keep, and for no page of another origin; HEAD has all of them but the body', async () => {
  const { url } = await start()
  const [get, head] = [await ask(`${url}${room}`), await ask(`${url}${room}`, 'HEAD')]
  const text = await get.text()
  expect(await head.text()).toBe('')
  for (const response of [get, head]) {
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...{ 'content-type': json, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
    })
  }
  expect(Number(head.headers.get('content-length'))).toBe(text.length)
  const headers = { Origin: 'https://app.example', 'Access-Control-Request-Method': 'PUT' }
  const preflight = await fetch(`${url}${room}`, { method: 'OPTIONS', headers })
  expect(preflight.status).toBe(401)
  const answer = await fetch(`${url}${room}`, { headers: { ...headers, Authorization: authorization } })
  for (const response of [preflight, answer])
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
})

/** A request by hand, whose body comes as it is given. */
function send(url: string, chunks: readonly string[], headers: Record<string, string> = {}) {
  return new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const all = { Authorization: authorization, 'Content-Type': json, ...headers }
    const call = request(url, { method: 'PUT', headers: all }, (response: IncomingMessage) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode, body }))
    }).on('error', reject)
    for (const chunk of chunks) call.write(chunk)
    call.end()
  })
}

test('a body may come in pieces, and one that is too large is refused, whether it says so or not', async () => {
  const { url, server } = await start()
  const at = `${url}${room}/entries`
  expect(await send(at, ['{"data":"é', '"', ',"ttlMs":5000}'])).toMatchObject({ status: 201 })
  const large = JSON.stringify({ data: 'x'.repeat(500_000), ttlMs: 5_000 })
  for (const headers of [{}, { 'Content-Length': String(large.length) }]) {
    const { status, body } = await send(at, [large.slice(0, 100_000), large.slice(100_000)], headers)
    expect([status, JSON.parse(body)]).toEqual([
      413,
      expect.objectContaining({ code: 'too-large', detail: expect.stringContaining('A body has at most') }),
    ])
  }
  expect(await send(at, ['"too-large"'])).toMatchObject({ status: 400 })
  expect(server.snapshot('pr:team/board').map(({ data }) => data)).toEqual(['é'])
})

test('data that are all escapes are as large as their characters', async () => {
  const { url } = await start({ limits: { dataBytes: 65_536 } })
  const data = '\\u0061'.repeat(65_534)
  expect(await send(`${url}${room}/entries`, [`{"ttlMs":5000,"data":"${data}"}`])).toMatchObject({ status: 201 })
})

test('who goes away in the middle of a body does no harm', async () => {
  const { url, server } = await start()
  const { port } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  const head = `PUT ${room}/entries HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\nContent-Type: ${json}\r\n`
  socket.write(`${head}Content-Length: 100\r\n\r\n{"data":`)
  await new Promise((resolve) => socket.once('connect', resolve))
  expect(await (await ask(`${url}${room}/count`)).json()).toEqual({ users: 0, clients: 0 })
  socket.destroy()
  await new Promise((resolve) => socket.once('close', resolve))
  expect((await ask(`${url}${room}`)).status).toBe(200)
  expect(server.snapshot('pr:team/board')).toEqual([])
})

test('without an admin token there is no such interface, and no watcher', async () => {
  const { url } = await start({ adminToken: undefined })
  const [ours, other] = [await ask(`${url}/v1/rooms`), await ask(`${url}/anything`)]
  expect([ours.status, await ours.text()]).toEqual([404, await other.text()])
})

test('metrics are for the operator from anywhere, and for others from this machine only', async () => {
  const warnings: object[] = []
  const logger = { debug() {}, info() {}, error() {}, warn: (details: object) => void warnings.push(details) }
  const { url } = await start({ logger })
  const from = (headers: Record<string, string>) =>
    fetch(`${url}/metrics`, { headers: { 'X-Forwarded-For': '10.0.0.1', ...headers } })
  expect((await from({})).status).toBe(404)
  expect(warnings).toEqual([])
  expect((await from({ Authorization: `${authorization}x` })).status).toBe(404)
  expect(await (await from({ Authorization: authorization })).text()).toContain('presence_rooms')
  expect(warnings).toEqual([{ attempts: 1 }])
})

test('on a server of yours, handle answers what is the server’s and leaves the rest to you', async () => {
  const server = createPresenceServer({ adminToken })
  const http = createServer((incoming, response) => {
    if (!server.handle(incoming, response)) response.end('mine')
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await server.close()
    http.close()
    http.closeAllConnections()
  })
  const url = `http://localhost:${(http.address() as AddressInfo).port}`
  const early = await ask(`${url}/v1/rooms`)
  expect([early.status, await early.json()]).toEqual([503, expect.objectContaining({ code: 'draining' })])
  server.attach(http)
  expect(await (await ask(`${url}/v1/rooms`)).json()).toEqual({ rooms: [], next: null })
  expect((await ask(`${url}/healthz`)).status).toBe(200)
  for (const path of ['/', '/v1x', '/admins']) expect(await (await ask(`${url}${path}`)).text(), path).toBe('mine')
  const client = join({ url })
  await client.waitForConnected(5_000)
})

test('behind a parser of bodies, handle takes what that has made of one, and says so when that is nothing', async () => {
  const server = createPresenceServer({ adminToken })
  let keeps = true
  const http = createServer((incoming, response) => {
    let text = ''
    incoming.on('data', (chunk: Buffer) => (text += chunk.toString()))
    incoming.on('end', () => {
      if (keeps) Object.assign(incoming, { body: JSON.parse(text) as unknown })
      server.handle(incoming, response)
    })
  })
  server.attach(http)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await server.close()
    http.close()
    http.closeAllConnections()
  })
  const at = `http://localhost:${(http.address() as AddressInfo).port}${room}/entries`
  expect((await ask(at, 'PUT', { data: 'x', ttlMs: 5_000 })).status).toBe(201)
  expect((await ask(at, 'PUT', { data: 'x'.repeat(500_000), ttlMs: 5_000 })).status).toBe(413)
  keeps = false
  const refused = await ask(at, 'PUT', { data: 'x', ttlMs: 5_000 })
  expect([refused.status, await refused.json()]).toEqual([400, expect.objectContaining({ code: 'bad-message' })])
  expect((await fetch(at.replace('/entries', ''), { headers: { Authorization: authorization } })).status).toBe(200)
})

test('[A5] whoever has the admin token watches every room with our own client, and can be in none', async () => {
  const { server, url } = await start({ auth: () => ({ rooms: [] }) })
  server.putEntry('pr:team/board', { data: 'here', ttlMs: 60_000 })
  const watcher = join({ url, token: `admin:${adminToken}` })
  const board = watcher.presence('pr:team/board')
  await expect.poll(() => [...board.value().values()].map(({ data }) => data), soon).toEqual(['here'])
  const refused = new Promise((resolve) => watcher.onError(resolve))
  board.track('me')
  expect(await refused).toMatchObject({ code: 'not-allowed', room: 'pr:team/board' })
  await expect(join({ url, token: `admin:${adminToken}x` }).waitForConnected(5_000)).rejects.toMatchObject({
    code: 'unauthorized',
  })
})

test('the program has it with PRESENCE_ADMIN_TOKEN, and makes tokens with its secret that let clients in', async () => {
  const env = { PRESENCE_ADMIN_TOKEN: adminToken, PRESENCE_JWT_SECRET: 'a-secret-for-tests-and-nothing-else' }
  const program = runProgram(['--port', '0', '--db', ':memory:'], { env })
  const url = await program.listening
  const made = await ask(`${url}/v1/tokens`, 'POST', { user: { id: 'ada' }, rooms: ['pr:team/*'], ttlMs: 60_000 })
  expect(made.status).toBe(201)
  const { token } = (await made.json()) as { token: string }
  const client = join({ url, token })
  client.presence('pr:team/board').track({ x: 1 })
  await expect
    .poll(async () => (await ask(`${url}/v1/rooms?prefix=pr:team/`)).json(), soon)
    .toEqual({ rooms: [{ key: 'pr:team/board', users: 1, clients: 1, listeners: 1 }], next: null })
  const refused = new Promise((resolve) => client.onError(resolve))
  expect(await (await ask(`${url}/v1/disconnect`, 'POST', { userId: 'ada' })).json()).toEqual({ disconnected: 1 })
  expect(await refused).toMatchObject({ code: 'token-expired' })
  expect((await ask(`${url}/v1/openapi.json`)).status).toBe(200)
  expect((await fetch(`${url}/v1/rooms`)).status).toBe(401)
  program.process.kill('SIGTERM')
  const { err } = await program.ended
  expect(err).not.toContain(adminToken)
  expect(err).not.toContain(token)
})
