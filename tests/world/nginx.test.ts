import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { temporaryDirectory } from '../integration/program.ts'
import { connectStock, stockClient } from '../integration/stock-client.ts'
import { sharedNowMs, type Person } from './crowd.ts'
import { freePort } from './free-port.ts'
import { becomes, departures, gather, hasHeard, meetAll, pass, patienceMs, room, until } from './meeting.ts'
import { canConnect, hasNginx, Nginx, type NginxOptions } from './nginx.ts'
import { defaults, isLong } from './scale.ts'
import { startCrowd, startServer } from './stage.ts'
import { holdAgainst } from './truth.ts'

/*
 * What docs/deployment.md says of nginx, with the file that it shows and a real nginx. Leases are those of the program where
 * nothing has to end.
 */

const { heldTtlMinMs, graceMs, ttlMs } = defaults
const config = { open: true, trustProxy: 1, restart: 'resume', heldTtlMinMs, graceMs }

/** nginx before a server, and clients who trust its certificate. Both end with the test. */
async function startBehindNginx({
  config: more = {},
  ...options
}: { readonly config?: object } & Omit<NginxOptions, 'ports'> = {}) {
  const server = await startServer({ config: { ...config, ...more } })
  const second = await freePort()
  const nginx = await Nginx.start({ ports: [server.port, second], ...options })
  onTestFinished(() => nginx.end())
  // Node reads it once, when the process of the clients starts.
  process.env['NODE_EXTRA_CA_CERTS'] = nginx.certificate
  onTestFinished(() => void delete process.env['NODE_EXTRA_CA_CERTS'])
  return { server, nginx, second, crowd: await startCrowd() }
}

/** What is answered through nginx. */
function get(
  nginx: Nginx,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    // As it is: a URL would be tidied up.
    request(nginx.url, { path, headers, ca: trusted(nginx) }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode, body }))
    })
      .on('error', reject)
      .end()
  })
}

/** Resolves when everyone has heard something new of everyone. */
async function hearAll(people: readonly Person[]): Promise<void> {
  const sinceMs = sharedNowMs()
  for (const person of people) person.update(room, sharedNowMs())
  const isWhole = (person: Person): boolean => people.every((other) => hasHeard(person, other, sinceMs))
  await people[0]?.crowd.until(() => people.every(isWhole), patienceMs, 'all hear all')
}

const trusted = (nginx: Nginx): string => readFileSync(nginx.certificate, 'utf8')

/** How often each was connected, from first to last. */
const connections = (people: readonly Person[]): readonly number[] =>
  people.map(({ statuses }) => statuses.filter(([, status]) => status === 'connected').length)

const crowdSize = 24
// That nobody misses anybody is looked at, and not how long a start takes on a busy machine.
const longMs = 120_000

describe.skipIf(!hasNginx)('behind nginx', { timeout: 120_000 }, () => {
  test('[S1] through nginx and TLS clients meet, by WebSocket and by polling', async () => {
    const { nginx, crowd } = await startBehindNginx()
    const people = await gather(crowd, nginx.url, 2, ttlMs)
    await meetAll(people)
    const poller = await connectStock(nginx.url, {}, { transports: ['polling'], ca: trusted(nginx) })
    await poller.socket.emitWithAck('enter', room)
    poller.socket.emit('p', [[room, 1, ttlMs, 1, 'polling']])
    const hasCome = (person: Person): boolean => person.sees(room).get(poller.clientId) === 'polling'
    await crowd.until(() => people.every(hasCome), patienceMs, 'all see who polls')
    expect(poller.socket.io.engine.transport.name).toBe('polling')
    expect(nginx.log).toMatch(/"GET \/socket\.io\/\?EIO=4&transport=polling[^"]*" 200/)
    // A WebSocket is written down when it ends.
    people[0]?.close()
    await until(() => /transport=websocket[^"]*" 101/.test(nginx.log), 'nginx has passed a WebSocket on')
  })

  test('nothing of the server but its sockets comes through nginx, and the pages are served by nginx itself', async () => {
    const root = temporaryDirectory()
    writeFileSync(join(root, 'page.html'), 'A page.')
    const adminToken = 'the token of an operator, for this test only'.replaceAll(' ', '-')
    const { server, nginx } = await startBehindNginx({ root, config: { adminToken } })
    const headers = { authorization: `Bearer ${adminToken}` }
    for (const path of ['/healthz', '/readyz', '/metrics', '/v1/rooms']) {
      expect((await fetch(`${server.url}${path}`, { headers })).status, path).toBe(200)
      expect((await get(nginx, path, headers)).status, path).toBe(404)
    }
    const tricks = ['/socket.io/../metrics', '/socket.io/%2e%2e/metrics', '//metrics', '/socket.io/..%2fmetrics']
    for (const path of ['/admin/', ...tricks]) {
      const { status, body } = await get(nginx, path)
      expect(status, path).not.toBe(200)
      expect(body, path).not.toContain('presence_')
    }
    expect(await get(nginx, '/page.html')).toEqual({ status: 200, body: 'A page.' })
  })

  test('a server behind nginx counts connections by the addresses of visitors, whatever they write themselves', async () => {
    // Who comes from this machine is not counted: what stands around the file lets a test say where it comes from.
    const around = 'set_real_ip_from 127.0.0.1; real_ip_header X-Comes-From;'
    const limited = { limits: { addressConnections: 2 }, logAddresses: true }
    const { server, nginx } = await startBehindNginx({ around, config: limited })
    let tries = 1
    const from = (address: string) => ({
      ca: trusted(nginx),
      extraHeaders: { 'X-Comes-From': address, 'X-Forwarded-For': `198.51.100.${tries++}` },
    })
    await connectStock(nginx.url, {}, from('203.0.113.7'))
    await connectStock(nginx.url, {}, from('203.0.113.7'))
    const [refusal] = await stockClient(nginx.url, {}, from('203.0.113.7')).next('connect_error')
    expect(refusal).toMatchObject({ code: 'too-many-connections' })
    await until(() => /"address":"203\.0\.113\.7".*"Refused\."/.test(server.log), 'the log says who was refused')
    await until(() => /^203\.0\.113\.7 /m.test(nginx.log), 'and so does that of nginx')
    await connectStock(nginx.url, {}, from('203.0.113.8'))
  })

  test('a page of another origin is refused behind nginx, whatever host it claims to have asked for', async () => {
    const { nginx } = await startBehindNginx()
    const of = (origin: string, more: object = {}) => ({ ca: trusted(nginx), extraHeaders: { origin, ...more } })
    await connectStock(nginx.url, {}, of(nginx.url))
    const stranger = of('https://other.example', { 'X-Forwarded-Host': 'other.example' })
    const [refusal] = await stockClient(nginx.url, {}, stranger).next('connect_error')
    expect(refusal).toMatchObject({ code: 'origin-refused' })
  })

  test('[L2] who says nothing for longer than nginx waits stays connected, because the server pings sooner', async () => {
    // A ping a second, and nginx gives up after two.
    const { nginx, crowd } = await startBehindNginx({ timeout: '2s', config: { heldTtlMinMs: 2_000 } })
    const people = await gather(crowd, nginx.url, 3, ttlMs)
    await meetAll(people)
    await pass(7_000)
    expect(connections(people)).toEqual([1, 1, 1])
    expect(nginx.log).not.toContain('" 101')
  })

  test('where nginx waits for less than the server is silent, it cuts everyone off', async () => {
    const { nginx, crowd } = await startBehindNginx({ timeout: '1s', config: { heldTtlMinMs: 6_000 } })
    const people = await gather(crowd, nginx.url, 3, ttlMs)
    await Promise.all(people.map((person) => becomes(person, 'reconnecting', 0)))
    expect(nginx.log).toContain('" 101')
  })

  test('a reload of nginx, as for a new certificate, ends no connection', async () => {
    const { nginx, crowd } = await startBehindNginx()
    const before = await gather(crowd, nginx.url, 3, ttlMs)
    await meetAll(before)
    await nginx.reload()
    const people = [...before, ...(await gather(crowd, nginx.url, 1, ttlMs))]
    await meetAll(people)
    expect(connections(people)).toEqual([1, 1, 1, 1])
  })

  test('[R3] [R5] [L3] a restart behind nginx: nobody is seen to leave, and all are back soon', async () => {
    const { server, nginx, crowd } = await startBehindNginx()
    const people = await gather(crowd, nginx.url, crowdSize, longMs)
    await meetAll(people)
    const stoppedAtMs = sharedNowMs()
    await server.stop()
    await server.start({ config })
    const atMs = sharedNowMs()
    const backAtMs = await Promise.all(people.map((person) => becomes(person, 'connected', stoppedAtMs)))
    // Who was refused tries again, each time in a window twice as long.
    holdAgainst('back-healed', Math.max(...backAtMs) - atMs)
    await hearAll(people)
    for (const person of people) holdAgainst('silent-return', departures(person, stoppedAtMs))
  })

  test('[R3] [R5] [L3] a server takes over from another behind nginx, and back: nobody is refused or seen to leave', async () => {
    const { server, nginx, crowd, second } = await startBehindNginx()
    const people = [...(await gather(crowd, nginx.url, crowdSize, longMs))]
    await meetAll(people)
    let running = server
    for (const port of [second, server.port]) {
      const fromMs = sharedNowMs()
      // It waits for the file, and holds who comes to it meanwhile.
      const next = startServer({ config, port, file: server.file })
      await vi.waitUntil(() => canConnect(port), { timeout: patienceMs })
      const stopping = running.stop()
      const stoppingAtMs = sharedNowMs()
      const came = await gather(crowd, nginx.url, 2, longMs)
      await stopping
      running = await next
      const backAtMs = await Promise.all(people.map((person) => becomes(person, 'connected', fromMs)))
      // That nobody is refused is seen below on any machine; how quick that is, on one that has nothing else to do.
      holdAgainst(isLong ? 'back-restarted' : 'back-healed', Math.max(...backAtMs) - stoppingAtMs)
      await hearAll([...people, ...came])
      for (const person of people) holdAgainst('silent-return', departures(person, fromMs))
      people.push(...came)
    }
    expect(people.flatMap(({ errors }) => errors)).toEqual([])
    expect(nginx.log).not.toMatch(/" 50\d /)
  })
})
