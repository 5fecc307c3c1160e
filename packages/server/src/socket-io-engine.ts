import type { Message } from '@app/protocol'
import type { Server, Socket } from 'socket.io'
import { takeTexts, textFrame } from './web-socket-frames.ts'

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
    readonly socket?: { readonly readyState: number; readonly _socket?: Tcp | null; readonly _receiver?: unknown }
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

// Whoever polls asks again at once. Engine.IO would wait half a minute for it to hear of its end.
const lastPollMs = 5_000

/** Looks after what Engine.IO lets a client do below Socket.IO. */
export function guardEngine(engine: Server['engine']): void {
  // `ws` answers every ping at once, also for who reads none of the answers: they would fill the memory.
  const { ws } = engine as unknown as { ws?: { options?: { autoPong?: boolean } } }
  if (ws?.options) ws.options.autoPong = false
  engine.on('connection', (conn: Socket['conn']) => {
    const { transport } = conn as unknown as { transport: { closeTimeout?: number } }
    if (transport.closeTimeout !== undefined) transport.closeTimeout = lastPollMs
    if (ws?.options) answerPings(conn)
  })
}

interface Pinged {
  readonly _socket?: Tcp | null
  on(event: 'ping', listener: (data: Buffer) => void): void
  pong(data: Buffer): void
}

/** Only once what was sent before is out; one answer to many pings is as good (RFC 6455, section 5.5.3). */
function answerPings(conn: Socket['conn']): void {
  const listen = (): void => {
    const { name, socket } = conn.transport as unknown as { name: string; socket?: Pinged }
    if (name !== 'websocket') return
    socket?.on('ping', (data) => {
      if (!socket._socket?.writableLength) socket.pong(data)
    })
  }
  listen()
  conn.once('upgrade', listen)
}

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
    return (this.#bytes ??= textFrame(engineMessage + this.#text))
  }
}

// Longer than any tick, so that what two rooms send in one turn is not taken for a jam.
const jamMs = 100
// On loopback a jam shows only after megabytes in the kernel's buffers; a late pong shows it sooner.
const pongLateMs = 2_000
// Many times what is sent within `jamMs` by all rooms of one client.
const waitingMaxBytes = 16_000_000
const waitingMax = 5_000

/** One socket's way out: sends, and knows whether what it sent gets out. */
export class Outflow {
  readonly #inside: Inside
  /** Called when what was sent has gone out, or the other end has answered. */
  onDrained = (): void => {}
  /** Called with every packet that Engine.IO sees. */
  onPacket = (): void => {}
  #pingedAtMs: number | null = null
  #owesLife = false
  /** Since when something waits to go out, and how much will have gone out once that has. */
  #jam: { readonly sinceMs: number; readonly until: number } | null = null
  #isWaitingForTcp = false

  constructor({ conn }: Socket) {
    this.#inside = conn as unknown as Inside
    conn.on('packetCreate', ({ type }: { type: string }) => {
      if (type !== 'ping') return
      this.#pingedAtMs ??= performance.now()
      this.#owesLife = true
    })
    conn.on('packet', ({ type }: { type: string }) => {
      this.#owesLife = false
      this.onPacket()
      if (type !== 'pong') return
      this.#pingedAtMs = null
      this.onDrained()
    })
    conn.on('drain', () => {
      this.#jam = null
      this.onDrained()
    })
  }

  /** Whether Engine.IO has pinged and seen nothing since: until the answer it takes any packet for a sign of life. */
  get owesLife(): boolean {
    return this.#owesLife
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

  /** Whether more waits to go out than a client can need that reads. */
  isDrowning(): boolean {
    return this.#inside.writeBuffer.length > waitingMax || (this.#tcp()?.writableLength ?? 0) > waitingMaxBytes
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

/** The field of `ws` through which all that comes in goes, and what says whether a frame is half read. */
interface Receiver {
  readonly _state: number
  readonly _bufferedBytes: number
  /** What kind of message has begun and goes on in later frames; 0 for none. */
  readonly _fragmented: number
  readonly writableLength: number
  write(chunk: Uint8Array): boolean
}

const betweenFrames = 0

/**
 * Takes events that ask for no acknowledgement from the WebSocket itself. Whatever else comes, and whatever is no JSON,
 * goes the ordinary way, to Socket.IO.
 */
export function tapEvents({ conn }: Socket, outflow: Outflow, onEvent: (message: Message) => void): void {
  const inside = conn as unknown as Inside
  const take = (text: string): boolean => {
    const message = inside.readyState === 'open' && !outflow.owesLife ? parseEvent(text) : undefined
    if (message) onEvent(message)
    return message !== undefined
  }
  const tap = (): void => {
    const { name, socket } = inside.transport
    if (name === 'websocket' && isReceiver(socket?._receiver)) tapReceiver(socket._receiver, take)
  }
  tap()
  // A client may begin with polling.
  conn.once('upgrade', tap)
}

function tapReceiver(receiver: Receiver, take: (text: string) => boolean): void {
  const write = receiver.write.bind(receiver)
  receiver.write = (chunk) => {
    if (isMidway(receiver)) return write(chunk)
    const taken = takeTexts(chunk, take)
    return taken === chunk.length || write(taken === 0 ? chunk : chunk.subarray(taken))
  }
}

function isMidway({ _state, _bufferedBytes, _fragmented, writableLength }: Receiver): boolean {
  return _state !== betweenFrames || _bufferedBytes > 0 || _fragmented !== 0 || writableLength > 0
}

function isReceiver(value: unknown): value is Receiver {
  const { _state, _bufferedBytes, _fragmented, writableLength, write } = (value ?? {}) as Partial<Receiver>
  const numbers = [_state, _bufferedBytes, _fragmented, writableLength]
  return numbers.every((each) => typeof each === 'number') && typeof write === 'function'
}

const event = `${engineMessage}${socketEvent}[`

function parseEvent(text: string): Message | undefined {
  if (!text.startsWith(event)) return undefined
  try {
    const message = JSON.parse(text.slice(event.length - 1)) as unknown[]
    return typeof message[0] === 'string' ? (message as unknown as Message) : undefined
  } catch {
    // Socket.IO closes such a connection, and says why.
    return undefined
  }
}
