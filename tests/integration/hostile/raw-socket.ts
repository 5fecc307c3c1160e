import { connect, type Socket } from 'node:net'
import { maskedFrame, type FrameShape } from '@app/testkit'
import { afterEach } from 'vitest'

// Far more than any answer takes; a server that needs so long is taken for one that does not answer.
const patienceMs = 20_000

/** A TCP connection and all that came over it. */
export interface RawSocket {
  readonly tcp: Socket
  readonly isOver: boolean
  /** What came and was not forgotten, byte for byte. */
  readonly got: string
  /** Resolves with whether that came; false when the connection ended before. */
  hears(text: string): Promise<boolean>
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  /** Lets go of what came so far. */
  forget(): void
}

const open = new Set<Socket>()
afterEach(() => {
  for (const tcp of open) tcp.destroy()
})

/** Connects. What comes is read, until somebody pauses it; the close of a WebSocket is answered with the end. */
export function openRaw(port: number): RawSocket {
  const tcp = connect({ port, host: '127.0.0.1', noDelay: true })
  open.add(tcp)
  let got = ''
  let isOver = false
  const waiting = new Set<() => void>()
  const look = (): void => waiting.forEach((each) => each())
  const isClosed = closeWatch()
  tcp.setEncoding('latin1')
  tcp.on('data', (text: string) => {
    got += text
    // Who does not answer it is let go half a minute later.
    if (isClosed(text)) tcp.end()
    look()
  })
  // A hostile connection may be reset; that is an end like any other.
  tcp.on('error', () => {})
  const ended = new Promise<void>((resolve) => {
    tcp.once('close', () => {
      open.delete(tcp)
      isOver = true
      look()
      resolve()
    })
  })
  return {
    tcp,
    ended,
    get isOver() {
      return isOver
    },
    get got() {
      return got
    },
    forget: () => (got = ''),
    hears: (text) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(check)
          const last = JSON.stringify(got.slice(-300))
          reject(new Error(`The server neither said ${JSON.stringify(text)} nor ended the connection: ${last}`))
        }, patienceMs)
        const check = (): void => {
          const isThere = got.includes(text)
          if (!isThere && !isOver) return
          clearTimeout(timer)
          waiting.delete(check)
          resolve(isThere)
        }
        waiting.add(check)
        check()
      }),
  }
}

const closeFrame = 0x88

/** Given all that comes on a connection, tells whether a WebSocket's close was among it. */
function closeWatch(): (text: string) => boolean {
  let rest = ''
  let isWebSocket = false
  return (text) => {
    rest += text
    if (!isWebSocket) {
      const end = rest.indexOf('\r\n\r\n')
      if (end < 0) return false
      isWebSocket = rest.startsWith('HTTP/1.1 101')
      rest = isWebSocket ? rest.slice(end + 4) : ''
    }
    while (isWebSocket && rest.length >= 2) {
      if (rest.charCodeAt(0) === closeFrame) return true
      const short = rest.charCodeAt(1)
      const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
      const written = Buffer.from(rest.slice(2, 2 + lengthBytes), 'latin1').toString('hex')
      const end = 2 + lengthBytes + (lengthBytes === 0 ? short : Number(`0x${written || 0}`))
      if (rest.length < end) return false
      rest = rest.slice(end)
    }
    return false
  }
}

/** A request to become a WebSocket, as a stock client makes it. */
export function upgradeRequest(path: string, headers: readonly string[] = []): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ...headers,
    '\r\n',
  ].join('\r\n')
}

export const webSocketPath = '/socket.io/?EIO=4&transport=websocket'

export const textFrame = (text: string, shape?: FrameShape): Uint8Array => maskedFrame(Buffer.from(text), shape)

let lastClientId = 0

/** What a client says of itself when it connects to Socket.IO. */
export function introduction(more: object = {}): string {
  const clientId = process.pid * 2 ** 24 + ++lastClientId
  return `40${JSON.stringify({ v: 1, clientId, secret: 'a'.repeat(32), ...more })}`
}

/** Connects down to the bytes, and waits until the server has said hello. */
export async function greetRaw(port: number, more: object = {}): Promise<RawSocket> {
  const socket = openRaw(port)
  socket.tcp.write(upgradeRequest(webSocketPath))
  socket.tcp.write(textFrame(introduction(more)))
  if (!(await socket.hears('42["hello"'))) throw new Error(`A well-behaved client was not let in: ${socket.got}`)
  socket.forget()
  return socket
}
