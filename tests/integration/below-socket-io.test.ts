import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket as TcpSocket } from 'node:net'
import { maskedFrame, randomFrom, type FrameShape } from '@app/testkit'
import { Server } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { expect, onTestFinished, test } from 'vitest'
import { Frame, Outflow, tapEvents } from '../../packages/server/src/socket-io-engine.ts'

/*
 * Holds the hot path against the Socket.IO, Engine.IO and ws that are installed: where a field that it looks at is gone,
 * everything still works, the ordinary way, and only these counts tell.
 */

/** A Socket.IO server that answers every event with a `t`, and counts which way things went. */
async function startServer() {
  const http = createServer()
  const server = new Server(http, { perMessageDeflate: false })
  const heard: unknown[][] = []
  const counts = { ordinaryIn: 0, ordinaryOut: 0, upgraded: 0 }
  server.on('connection', (socket) => {
    const outflow = new Outflow(socket)
    const onEvent = (message: readonly unknown[]): void => {
      heard.push([...message])
      outflow.send(new Frame(['t', heard.length, 0]))
    }
    tapEvents(socket, outflow, onEvent)
    socket.onAny((...message: unknown[]) => onEvent(message.filter((part) => typeof part !== 'function')))
    socket.conn.once('upgrade', () => counts.upgraded++)
    socket.conn.on('data', () => counts.ordinaryIn++)
    socket.conn.on('packetCreate', ({ type }: { type: string }) => {
      if (type === 'message') counts.ordinaryOut++
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  onTestFinished(async () => {
    await server.close()
  })
  const { port } = http.address() as AddressInfo
  return { port, heard, counts }
}

async function stock(port: number, transports: string[]): Promise<Socket> {
  const socket = io(`http://127.0.0.1:${port}`, { transports, forceNew: true, reconnection: false })
  onTestFinished(() => void socket.close())
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  return socket
}

/** Emits one event, and waits for the answer. */
async function say(socket: Socket, ...[name, ...args]: readonly [string, ...unknown[]]): Promise<void> {
  const answered = new Promise((resolve) => socket.once('t', resolve))
  socket.emit(name, ...args)
  await answered
}

test('events are taken and sent below Socket.IO; what asks for an answer, is long or binary comes the ordinary way', async () => {
  const { port, heard, counts } = await startServer()
  const socket = await stock(port, ['websocket'])
  await say(socket, 'p', 1)
  await say(socket, 'p', 'Zoë 😀')
  await say(socket, 'p', 'x'.repeat(60_000))
  expect(counts.ordinaryIn).toBe(0)
  await say(socket, 'asks', 2, () => {})
  await say(socket, 'p', 'x'.repeat(70_000))
  await say(socket, 'p', Buffer.from('b'))
  await say(socket, 'p', 3)
  // One, the long one, and two packets for the binary one.
  expect(counts).toEqual({ ordinaryIn: 4, ordinaryOut: 0, upgraded: 0 })
  expect(heard.map(([, value]) => (typeof value === 'string' ? value.length : value))).toEqual([
    1,
    6,
    60_000,
    2,
    70_000,
    Buffer.from('b'),
    3,
  ])
})

test('a client that began with polling is on the hot path once it has a WebSocket', async () => {
  const { port, heard, counts } = await startServer()
  const socket = await stock(port, ['polling', 'websocket'])
  await expect.poll(() => counts.upgraded, { timeout: 10_000, interval: 5 }).toBe(1)
  await say(socket, 'p', 1)
  await say(socket, 'p', 2)
  expect(heard).toEqual([
    ['p', 1],
    ['p', 2],
  ])
  expect(counts).toEqual({ ordinaryIn: 0, ordinaryOut: 0, upgraded: 1 })
})

test('however the bytes are cut, every event comes once and in its order', async () => {
  const { port, heard } = await startServer()
  const seed = Math.floor(Math.random() * 2 ** 31)
  const random = randomFrom(seed)
  const tcp = await connectByHand(port)
  const frames: Uint8Array[] = []
  const events: unknown[][] = []
  for (let n = 0; n < 400; n++) {
    const event = ['p', n, 'é'.repeat(Math.floor(random() ** 4 * 900))]
    const text = JSON.stringify(event)
    events.push(event)
    const way = random()
    if (way < 0.6) frames.push(frameOf(`42${text}`))
    else if (way < 0.8) frames.push(frameOf(`42${n}${text}`))
    else {
      const bytes = Buffer.from(`42${text}`)
      const cut = Math.floor(random() * bytes.length)
      frames.push(
        maskedFrame(bytes.subarray(0, cut), { isLast: false }),
        frameOf('?', { opcode: 9 }),
        maskedFrame(bytes.subarray(cut), { opcode: 0 }),
      )
    }
  }
  const all = Buffer.concat(frames)
  for (let at = 0; at < all.length;) {
    const length = 1 + Math.floor(random() ** 3 * 3_000)
    tcp.write(all.subarray(at, at + length))
    at += length
    // So that chunks come apart from one another.
    await new Promise(setImmediate)
  }
  await expect.poll(() => heard.length, { timeout: 10_000, interval: 5 }).toBe(events.length)
  expect(heard, `seed ${seed}`).toEqual(events)
})

const frameOf = (text: string, shape?: FrameShape): Uint8Array => maskedFrame(Buffer.from(text), shape)

/** A Socket.IO connection by hand, down to its bytes. */
async function connectByHand(port: number): Promise<TcpSocket> {
  const tcp = connect(port, '127.0.0.1')
  onTestFinished(() => void tcp.destroy())
  tcp.setNoDelay(true)
  tcp.write(
    [
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      '\r\n',
    ].join('\r\n'),
  )
  // The answer to the upgrade, Engine.IO's greeting, and the answer to Socket.IO's.
  let got = ''
  tcp.setEncoding('latin1').on('data', (text: string) => (got += text))
  await expect.poll(() => got.includes('"sid"'), { interval: 5 }).toBe(true)
  tcp.write(frameOf('40'))
  await expect.poll(() => got.includes('40{"sid"'), { interval: 5 }).toBe(true)
  return tcp
}
