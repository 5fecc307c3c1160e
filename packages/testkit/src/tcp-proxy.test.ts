import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { randomFrom } from './search.ts'
import { TcpProxy } from './tcp-proxy.ts'

/** One end of a connection, and what has come there. */
interface End {
  readonly socket: Socket
  readonly bytes: () => Buffer
  hasEnded: boolean
  closed: 'no' | 'well' | 'reset'
}

function endOf(socket: Socket): End {
  const chunks: Buffer[] = []
  const end: End = { socket, bytes: () => Buffer.concat(chunks), hasEnded: false, closed: 'no' }
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('end', () => (end.hasEnded = true))
  socket.on('error', () => {})
  socket.on('close', (hadError) => (end.closed = hadError ? 'reset' : 'well'))
  return end
}

const accepted: ((end: End) => void)[] = []
const server = createServer({ allowHalfOpen: true }, (socket) => {
  const end = endOf(socket)
  accepted.shift()?.(end)
})
let proxy: TcpProxy

beforeEach(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy = await TcpProxy.start((server.address() as AddressInfo).port)
})
afterEach(async () => {
  await proxy.close()
  server.close()
  await once(server, 'close')
})

/** A connection through the proxy: the client's end, and the server's. */
async function open(): Promise<{ near: End; far: End }> {
  const arriving = new Promise<End>((resolve) => accepted.push(resolve))
  const near = endOf(connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true }))
  return { near, far: await arriving }
}

async function until(isSo: () => boolean): Promise<void> {
  for (const endsAtMs = performance.now() + 5_000; !isSo(); await sleep(5))
    if (performance.now() > endsAtMs) throw new Error('It did not come to be within 5 s.')
}

test('what is sent comes in order and once, whatever the weather', async () => {
  const seed = Math.floor(Math.random() * 1e9)
  console.log(`seed ${seed}`)
  const random = randomFrom(seed)
  const { near, far } = await open()
  const sent = { near: [] as Buffer[], far: [] as Buffer[] }
  const moods = [
    () => proxy.slowDown({ delayMs: Math.floor(random() * 20) }),
    () => proxy.slowDown({ bytesPerSecond: 5_000_000 }),
    () => proxy.blackhole(),
    () => proxy.heal(),
  ]
  for (let step = 0; step < 60; step++) {
    for (const [from, into] of [[near, sent.near] as const, [far, sent.far] as const]) {
      const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 5_000) }, () => random() * 256))
      into.push(bytes)
      from.socket.write(bytes)
    }
    if (random() < 0.4) moods[Math.floor(random() * moods.length)]?.()
    await sleep(1)
  }
  proxy.heal()
  const [up, down] = [Buffer.concat(sent.near), Buffer.concat(sent.far)]
  await until(() => far.bytes().length >= up.length && near.bytes().length >= down.length)
  expect([far.bytes().equals(up), near.bytes().equals(down)]).toEqual([true, true])
})

test('a cut resets both ends', async () => {
  const { near, far } = await open()
  proxy.cut()
  await until(() => near.closed === 'reset' && far.closed === 'reset')
  await until(() => proxy.connections.length === 0)
})

test('in a black hole nothing comes, and nobody hears that the other has gone, until it heals', async () => {
  const { near, far } = await open()
  proxy.blackhole()
  near.socket.write('hello')
  far.socket.resetAndDestroy()
  await sleep(50)
  expect([near.closed, near.hasEnded]).toEqual(['no', false])
  const late = await new Promise<End>((resolve) => {
    const end = endOf(connect({ port: proxy.port, host: '127.0.0.1' }))
    end.socket.once('connect', () => resolve(end))
  })
  late.socket.write('me, too')
  proxy.heal()
  await until(() => near.closed === 'reset')
  expect(far.bytes().length).toBe(0)
  expect(late.closed).toBe('no')
})

test('one way ends, the other goes on', async () => {
  const { near, far } = await open()
  proxy.connections[0]?.halfClose('down')
  await until(() => near.hasEnded)
  near.socket.write('still here')
  await until(() => far.bytes().toString() === 'still here')
  far.socket.write('nobody hears this')
  await sleep(20)
  expect([near.bytes().length, far.hasEnded]).toEqual([0, false])
})

test('who is refused is reset, and others stay', async () => {
  const { near } = await open()
  proxy.isRefusing = true
  const refused = endOf(connect({ port: proxy.port, host: '127.0.0.1' }))
  await until(() => refused.closed !== 'no')
  expect([near.closed, proxy.accepted]).toEqual(['no', 1])
})

test('an end that says goodbye is heard at the other', async () => {
  const { near, far } = await open()
  near.socket.end('bye')
  await until(() => far.hasEnded)
  expect(far.bytes().toString()).toBe('bye')
  far.socket.end()
  await until(() => near.closed === 'well' && far.closed === 'well')
})

test('what is under way on a slow network comes at once when it heals', async () => {
  const { near, far } = await open()
  proxy.slowDown({ delayMs: 60_000, bytesPerSecond: 10 })
  near.socket.write('late')
  near.socket.end()
  await until(() => proxy.connections.length === 1)
  await sleep(20)
  expect(far.bytes().length).toBe(0)
  proxy.heal()
  await until(() => far.hasEnded)
  expect(far.bytes().toString()).toBe('late')
  far.socket.end()
})
