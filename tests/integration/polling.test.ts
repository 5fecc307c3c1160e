import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPresenceClient, type PresenceChange } from '@app/client'
import { createPresenceServer } from '@app/server'
import { TcpProxy } from '@app/testkit/tcp-proxy'
import { expect, onTestFinished, test } from 'vitest'
import { root, runScript } from './script.ts'

/*
 * Where no WebSocket gets through: what there is of it goes as ordinary requests.
 */

const room = 'pr:room'

/** A server that knows nothing of upgrades, and where it is. Messages may have 64 kB, and a request twice that. */
async function servePolling(): Promise<{ url: string; http: Server; asked: string[]; answered: string[] }> {
  const server = createPresenceServer({ limits: { messageBytes: 65_536 } })
  const http = createServer()
  server.attach(http)
  http.removeAllListeners('upgrade')
  const asked: string[] = []
  const answered: string[] = []
  http.on('request', ({ method, url = '' }, response) => {
    const what = `${method} ${url.replace(/.*transport=|&sid.*/g, '')}`
    asked.push(what)
    response.on('finish', () => answered.push(what))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await server.close()
    http.closeAllConnections()
    http.close()
  })
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, http, asked, answered }
}

function join(url: string) {
  const client = createPresenceClient({ url })
  const statuses: string[] = []
  const errors: string[] = []
  client.onStatus((status) => void statuses.push(status))
  client.onError(({ message }) => void errors.push(message))
  onTestFinished(() => client.close())
  return { client, statuses, errors }
}

test('it is tried with a WebSocket first, then two clients see each other, and who closes has left at once', async () => {
  const { url, asked } = await servePolling()
  const ada = join(url)
  const grace = join(url)
  const changes: PresenceChange[] = []
  ada.client.presence(room).onChange((_, change) => void changes.push(change))
  const track = grace.client.presence(room).track('calm')
  await expect.poll(() => [...ada.client.presence(room).value().values()].map(({ data }) => data)).toEqual(['calm'])
  track.update('busy')
  await expect.poll(() => [...ada.client.presence(room).value().values()].map(({ data }) => data)).toEqual(['busy'])
  expect(asked.slice(0, 2)).toEqual(['GET websocket', 'GET websocket'])
  expect(asked.slice(2)).not.toContain('GET websocket')
  grace.client.close()
  await expect.poll(() => changes.at(-1)?.left.map(({ reason }) => reason)).toEqual(['left'])
  expect([...ada.errors, ...grace.errors]).toEqual([])
})

test('a burst of more than a request may hold arrives whole', async () => {
  const { url, asked } = await servePolling()
  const ada = join(url)
  const grace = join(url)
  const rooms = Array.from({ length: 100 }, (_, index) => `pr:room-${index}`)
  const data = '世'.repeat(1_200)
  await Promise.all([ada.client.waitForConnected(), grace.client.waitForConnected()])
  const atOnce = asked.length
  for (const key of rooms) grace.client.presence(key).heartbeat(data, 60_000)
  for (const key of rooms) ada.client.presence(key).onChange(() => {})
  const seen = () => rooms.filter((key) => [...ada.client.presence(key).value().values()][0]?.data === data).length
  await expect.poll(seen, { timeout: 10_000 }).toBe(rooms.length)
  expect([...ada.statuses, ...grace.statuses].filter((status) => status === 'reconnecting')).toEqual([])
  expect(asked.slice(atOnce).filter((what) => what.startsWith('POST')).length).toBeLessThan(40)
})

test('[L3] a request that is cut off ends the connection, and it is made anew', async () => {
  const { http, answered } = await servePolling()
  const proxy = await TcpProxy.start((http.address() as AddressInfo).port)
  onTestFinished(() => proxy.close())
  const { client, statuses, errors } = join(proxy.url)
  await client.waitForConnected()
  // Only the one for what the server has to say is open.
  await expect.poll(() => answered).toContain('POST polling')
  proxy.cut()
  await expect.poll(() => statuses.at(-1)).toBe('reconnecting')
  await expect.poll(() => statuses.at(-1), { timeout: 10_000 }).toBe('connected')
  expect(errors).toEqual([])
})

test('a server that answers otherwise is told of, with what it says', async () => {
  const http = createServer((_, response) => void response.writeHead(503).end('{"message":"We are full"}'))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void http.close())
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const { client, errors } = join(url)
  client.connect()
  await expect.poll(() => errors[0]).toBe(`No presence server answers at ${url}: We are full. It is tried again.`)
})

/** Connects, and closes when it is asked to end. */
const program = `
  import { createPresenceClient } from '@app/client'
  const client = createPresenceClient({ url: process.argv[1] })
  process.once('SIGTERM', () => client.close())
  client.presence('${room}').track('here')
  await client.waitForConnected()
  console.log('connected')`

test.each([
  ['polling', 'answers', 2_000],
  ['polling', 'says nothing any more', 8_000],
  ['a WebSocket', 'answers', 2_000],
  ['a WebSocket', 'says nothing any more', 8_000],
])('a program whose client over %s is closed ends when the server %s', async (way, what, withinMs) => {
  const { http } = await servePolling()
  const server = createPresenceServer()
  onTestFinished(() => server.close())
  const { url } = await server.listen({ port: 0 })
  const proxy = await TcpProxy.start(
    way === 'polling' ? (http.address() as AddressInfo).port : Number(new URL(url).port),
  )
  onTestFinished(() => proxy.close())
  const script = runScript(process.execPath, ['--input-type=module', '--eval', program, proxy.url], { cwd: root })
  await script.says(/^connected$/m)
  if (what !== 'answers') proxy.blackhole()
  const closedAtMs = Date.now()
  script.end()
  expect(await script.ended).toEqual({ code: 0, output: 'connected\n' })
  expect(Date.now() - closedAtMs).toBeLessThan(withinMs)
})
