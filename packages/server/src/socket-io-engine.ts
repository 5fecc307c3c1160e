import type { Message } from '@app/protocol'
import type { Socket } from 'socket.io'

/*
 * What lies below Socket.IO: Engine.IO's connection and, through it, the WebSocket and its TCP socket. The hot path writes
 * and reads there the same bytes as Socket.IO would (docs/decisions/0008-hot-path.md). Where one of the fields looked at
 * is missing, because another version or engine is below, everything goes the ordinary way.
 */

/** The fields that types keep private. */
interface Inside {
  readonly readyState: string
  readonly writeBuffer: readonly unknown[]
  readonly transport: {
    readonly name: string
    readonly writable: boolean
    readonly socket?: { readonly readyState: number; readonly _socket?: Tcp | null }
  }
  write(text: string): void
}

/** What is needed of a `net.Socket`, or of TLS. */
interface Tcp {
  readonly writableLength: number
  readonly bytesWritten: number
  write(bytes: Uint8Array, written?: () => void): boolean
}

const webSocketOpen = 1
const nothing = new Uint8Array(0)
// Engine.IO's "message" and Socket.IO's "event", of the one namespace that there is.
const engineMessage = '4'
const socketEvent = '2'

/** A message, encoded once for however many it goes to. */
export class Frame {
  readonly #text: string
  #bytes: Buffer | undefined

  constructor(message: Message) {
    this.#text = socketEvent + JSON.stringify(message)
  }

  /** What Engine.IO takes. */
  get text(): string {
    return this.#text
  }

  /** What a WebSocket sends: a text frame, unmasked, as servers do. */
  get bytes(): Buffer {
    return (this.#bytes ??= webSocketFrame(engineMessage + this.#text))
  }
}

function webSocketFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const headLength = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headLength + length)
  frame[0] = 0x81
  if (headLength === 2) frame[1] = length
  else if (headLength === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2)
    frame.writeUInt32BE(length >>> 0, 6)
  }
  frame.write(text, headLength)
  return frame
}

// Longer than any tick, so that what two rooms send in one turn is not taken for a jam.
const jamMs = 100
// On loopback a jam shows only after megabytes in the kernel's buffers; a late pong shows it sooner.
const pongLateMs = 2_000

/** One socket's way out: sends, and knows whether what it sent gets out. */
export class Outflow {
  readonly #inside: Inside
  /** Called when what was sent has gone out, or the other end has answered. */
  onDrained = (): void => {}
  #pingedAtMs: number | null = null
  /** Since when something waits to go out, and how much will have gone out once that has. */
  #jam: { readonly sinceMs: number; readonly until: number } | null = null
  #isWaitingForTcp = false

  constructor({ conn }: Socket) {
    this.#inside = conn as unknown as Inside
    conn.on('packetCreate', ({ type }: { type: string }) => {
      if (type === 'ping') this.#pingedAtMs ??= performance.now()
    })
    conn.on('packet', ({ type }: { type: string }) => {
      if (type !== 'pong') return
      this.#pingedAtMs = null
      this.onDrained()
    })
    conn.on('drain', () => {
      this.#jam = null
      this.onDrained()
    })
  }

  send(frame: Frame): void {
    const tcp = this.#freeTcp()
    if (tcp) tcp.write(frame.bytes)
    else this.#inside.write(frame.text)
  }

  /** Whether what was sent a while ago has not gone out yet, or the other end is late to answer. */
  isBehind(): boolean {
    if (this.#pingedAtMs !== null && performance.now() - this.#pingedAtMs > pongLateMs) return true
    const tcp = this.#tcp()
    if (this.#inside.writeBuffer.length === 0 && !tcp?.writableLength) {
      this.#jam = null
      return false
    }
    const nowMs = performance.now()
    const sent = tcp ? tcp.bytesWritten - tcp.writableLength : 0
    // A little progress is not enough: a reader that is slower than the room would let the queue grow for ever.
    if (!this.#jam || sent >= this.#jam.until)
      this.#jam = { sinceMs: nowMs, until: tcp?.bytesWritten ?? Number.POSITIVE_INFINITY }
    if (nowMs - this.#jam.sinceMs <= jamMs) return false
    if (tcp?.writableLength) this.#waitForTcp(tcp)
    return true
  }

  /** Engine.IO tells when its own queue is empty, not when that of TCP is. */
  #waitForTcp(tcp: Tcp): void {
    if (this.#isWaitingForTcp) return
    this.#isWaitingForTcp = true
    tcp.write(nothing, () => {
      this.#isWaitingForTcp = false
      this.onDrained()
    })
  }

  #tcp(): Tcp | undefined {
    const { transport } = this.#inside
    return (transport.name === 'websocket' && transport.socket?._socket) || undefined
  }

  /** The TCP socket of a WebSocket that is open and idle: what is written there comes after all that was sent before. */
  #freeTcp(): Tcp | undefined {
    const { readyState, writeBuffer, transport } = this.#inside
    if (readyState !== 'open' || writeBuffer.length > 0 || !transport.writable) return undefined
    return transport.socket?.readyState === webSocketOpen ? this.#tcp() : undefined
  }
}

/**
 * Takes events that ask for no acknowledgement before Socket.IO's own parser does. Whatever else comes, and whatever is no
 * JSON, goes to Socket.IO as ever.
 */
export function tapEvents({ conn }: Socket, onEvent: (message: Message) => void): void {
  const [ordinary, ...others] = conn.listeners('data') as ((data: unknown) => void)[]
  if (!ordinary || others.length > 0) return
  conn.off('data', ordinary)
  conn.on('data', (data: unknown) => {
    const message = parseEvent(data)
    if (message) onEvent(message)
    else ordinary.call(conn, data)
  })
}

function parseEvent(data: unknown): Message | undefined {
  if (typeof data !== 'string' || !data.startsWith(`${socketEvent}[`)) return undefined
  try {
    const message = JSON.parse(data.slice(socketEvent.length)) as unknown[]
    return typeof message[0] === 'string' ? (message as unknown as Message) : undefined
  } catch {
    // Socket.IO closes such a connection, and says why.
    return undefined
  }
}
