import { createRequire } from 'node:module'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { createPresenceServer, memoryStore } from '@app/server'
import { expect, onTestFinished, test } from 'vitest'
import { runProgram, temporaryDirectory } from './program.ts'
import { connectStock } from './stock-client.ts'

/*
 * How a server says how it is, and how it stops.
 */

/** A connection that says what it is told to; `closed` resolves when the server has ended it. */
async function open(url: string, text: string): Promise<{ socket: Socket; closed: Promise<unknown>; said(): string }> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  let said = ''
  socket.on('data', (chunk: Buffer) => (said += chunk.toString()))
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.write(text)
  return { socket, closed, said: () => said }
}

async function readyz(url: string): Promise<unknown> {
  const response = await fetch(`${url}/readyz`)
  expect(response.headers.get('cache-control')).toBe('no-store')
  return [response.status, await response.json()]
}

test('/readyz says whether to send it clients: while the store fails it does, and says so; when it stops it does not', async () => {
  const store = memoryStore()
  const server = createPresenceServer({ store, persistMs: 0, logger: { debug() {}, info() {}, warn() {}, error() {} } })
  const http = createServer((request, response) => void (server.handle(request, response) || response.end('mine')))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await server.close()
    http.closeAllConnections()
    http.close()
  })
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  expect(await readyz(url)).toMatchObject([503, { status: 'starting' }])
  expect((await fetch(`${url}/healthz`)).status).toBe(503)
  server.attach(http)
  const ok = { store: 'ok', lagMs: expect.any(Number) as number, draining: false }
  expect(await readyz(url)).toEqual([200, { ...ok, status: 'ready' }])
  expect((await fetch(`${url}/healthz`)).status).toBe(200)

  const write = store.write.bind(store)
  store.write = () => Promise.reject(new Error('full'))
  const ada = await connectStock(url)
  await ada.socket.emitWithAck('p', [['pr:atelier', 1, 60_000, 0, 'a']])
  await expect.poll(() => readyz(url)).toEqual([200, { ...ok, status: 'degraded', store: 'failing' }])
  store.write = write
  await expect.poll(() => readyz(url), { timeout: 5_000 }).toEqual([200, { ...ok, status: 'ready' }])

  const closing = server.close()
  expect(await readyz(url)).toEqual([503, { status: 'draining', store: 'ok', lagMs: 0, draining: true }])
  await closing
  await server.close()
  expect((await fetch(`${url}/healthz`)).status).toBe(503)
})

test('closing waits for nobody who keeps a connection open, and ends each', async () => {
  const server = createPresenceServer()
  const { url } = await server.listen({ port: 0 })
  const idle = await open(url, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await expect.poll(idle.said).toContain('"ok"')
  const slow = await open(url, 'POST /v1/tokens HTTP/1.1\r\nHost: localhost\r\n')
  const silent = await open(url, '')
  // A second call is of the same stop.
  await Promise.all([server.close(), server.close()])
  await Promise.all([idle.closed, slow.closed, silent.closed])
  await expect(fetch(url)).rejects.toThrow('fetch failed')
})

/** Keeps the database from being written until it is closed. */
function lock(file: string): { exec(sql: string): void; close(): void } {
  const Database = createRequire(new URL('../../packages/server/package.json', import.meta.url))(
    'better-sqlite3',
  ) as new (file: string) => { exec(sql: string): void; close(): void }
  const database = new Database(file)
  onTestFinished(() => database.close())
  database.exec('BEGIN IMMEDIATE')
  return database
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'a second signal ends it at once, as that signal would: %s',
  async (signal) => {
    const cwd = temporaryDirectory()
    const program = runProgram(['--port', '0'], { cwd })
    const ada = await connectStock(await program.listening)
    // Its stop takes as long as SQLite waits for another program.
    lock(join(cwd, 'presence.db'))
    ada.socket.emit('p', [['pr:atelier', 1, 60_000, 0, 'a']])
    program.process.kill('SIGTERM')
    await ada.next('drain')
    program.process.kill(signal)
    const ended = await program.ended
    expect(ended).toMatchObject({ code: null, signal })
    expect(ended.err).toContain('Stopped at once by a second signal')
    expect(ended.err).not.toContain('"Stopped."')
  },
)

test('a stop ends within its bound, with 0, when the store cannot be written, and says so', async () => {
  const cwd = temporaryDirectory()
  const program = runProgram(['--port', '0'], { cwd })
  const ada = await connectStock(await program.listening)
  const idle = await open(await program.listening, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
  lock(join(cwd, 'presence.db'))
  ada.socket.emit('p', [['pr:atelier', 1, 60_000, 0, 'a']])
  const startedMs = performance.now()
  program.process.kill('SIGTERM')
  const { code, err } = await program.ended
  expect(performance.now() - startedMs).toBeLessThan(8_000)
  expect(code).toBe(0)
  expect(err).toContain('The store is closed without what changed last')
  expect(err).toContain('"Stopped."')
  await idle.closed
})
