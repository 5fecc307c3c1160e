import type { Server as HttpServer } from 'node:http'
import { PresenceError, type ServerMessage } from '@app/protocol'
import { Server, type Socket } from 'socket.io'
import type { Knock } from './admission.ts'
import type { Admission } from './connection.ts'
import type { Link, LinkEvents, Transport } from './transport.ts'

/*
 * The only file that knows Socket.IO.
 */

/** What the sockets bring their connections to. */
export interface Reception {
  /** Throws the `PresenceError` that refuses the client. */
  admit(auth: unknown, knock: Knock): Promise<Admission>
  connect(link: Link, admission: Admission): LinkEvents
}

export interface SocketsOptions {
  readonly heldTtlMinMs: number
  readonly dataBytes: number
  readonly isOriginAllowed: (origin: string | undefined) => boolean
}

// A message may carry this many entries of full size; an oversized one closes the connection, so there is room to refuse it.
const entriesPerMessage = 256
const messageBytesMin = 1_000_000
// After this long, what has not reached a client that is told goodbye will not.
const goodbyeMs = 1_000

/** Socket.IO on an HTTP server. */
export class Sockets implements Transport {
  readonly #io: Server
  #detach: () => void = () => {}

  constructor({ heldTtlMinMs, dataBytes, isOriginAllowed }: SocketsOptions) {
    this.#io = new Server({
      serveClient: false,
      perMessageDeflate: false,
      // Two pings and the wait for a pong fit in the shortest held lease.
      pingInterval: heldTtlMinMs / 2,
      pingTimeout: heldTtlMinMs * 0.4,
      maxHttpBufferSize: Math.max(messageBytesMin, dataBytes * entriesPerMessage),
      // Other programs on the same HTTP server may have upgrades of their own.
      destroyUpgrade: false,
      cors: { origin: (origin, allow) => allow(null, isOriginAllowed(origin)) },
    })
  }

  /** Starts to listen for clients on the HTTP server, leaving its other requests to their handlers. */
  attach(http: HttpServer, reception: Reception): void {
    this.#io.use((socket, next) => {
      reception.admit(socket.handshake.auth, knockOf(socket)).then(
        (admission) => {
          ;(socket.data as { admission?: Admission }).admission = admission
          next()
        },
        (error: unknown) => next(refusal(error)),
      )
    })
    this.#io.on('connection', (socket) => receive(socket, reception))
    this.#detach = attachTo(http, this.#io)
  }

  broadcast(group: string, [event, ...args]: ServerMessage): void {
    this.#io.local.to(group).emit(event, ...args)
  }

  /** Closes every connection once what was sent is out, and lets go of the HTTP server. */
  async close(): Promise<void> {
    this.#detach()
    const engines = [...this.#io.of('/').sockets.values()].map((socket) => socket.conn)
    const closed = Promise.all(engines.map((engine) => new Promise((resolve) => engine.once('close', resolve))))
    // Without Socket.IO's own goodbye, which tells a stock client not to come back.
    for (const engine of engines) engine.close()
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, goodbyeMs).unref())])
    this.#io.engine.close()
  }
}

function receive(socket: Socket, reception: Reception): void {
  const { admission } = socket.data as { admission: Admission }
  const outflow = watchOutflow(socket)
  const events = reception.connect(linkOf(socket, outflow), admission)
  socket.conn.on('packet', () => events.onPacket())
  outflow.onDrained(() => events.onDrained())
  socket.onAny((event: string, ...args: unknown[]) => {
    const last = args.at(-1)
    if (typeof last === 'function') events.onMessage([event, ...args.slice(0, -1)], last as (answer: unknown) => void)
    else events.onMessage([event, ...args])
  })
  socket.on('disconnect', () => events.onClose())
  // What was needed of the handshake has been read; it would stay in memory as long as the connection.
  socket.data = {}
  Object.assign(socket.handshake, { headers: {}, auth: {} })
  Object.assign(socket.conn, { request: null })
}

function linkOf(socket: Socket, outflow: Outflow): Link {
  return {
    send: ([event, ...args]) => {
      outflow.isBehind()
      socket.emit(event, ...args)
    },
    isBehind: () => outflow.isBehind(),
    close: () => void socket.disconnect(true),
    join: (group) => void socket.join(group),
    leave: (group) => void socket.leave(group),
  }
}

/** Whether what is sent to a socket gets out. */
interface Outflow {
  isBehind(): boolean
  onDrained(run: () => void): void
}

// Longer than any tick, so that what two rooms send in one turn is not taken for a jam.
const jamMs = 100
// On loopback a jam shows only after megabytes in the kernel's buffers; a late pong shows it sooner.
const pongLateMs = 2_000

function watchOutflow({ conn }: Socket): Outflow {
  let emptyAtMs = performance.now()
  let pingedAtMs: number | null = null
  let drained = (): void => {}
  conn.on('packetCreate', ({ type }: { type: string }) => {
    if (type === 'ping') pingedAtMs ??= performance.now()
  })
  conn.on('packet', ({ type }: { type: string }) => {
    if (type !== 'pong') return
    pingedAtMs = null
    drained()
  })
  conn.on('drain', () => {
    emptyAtMs = performance.now()
    drained()
  })
  return {
    isBehind() {
      const nowMs = performance.now()
      if (pingedAtMs !== null && nowMs - pingedAtMs > pongLateMs) return true
      if (queued(conn) === 0) emptyAtMs = nowMs
      return nowMs - emptyAtMs > jamMs
    },
    onDrained(run) {
      drained = run
    },
  }
}

// Engine.IO's own queue, which its types keep private: what it holds has not been handed to the transport.
function queued(conn: unknown): number {
  return (conn as { writeBuffer: unknown[] }).writeBuffer.length
}

function knockOf({ handshake }: Socket): Knock {
  const { headers, address } = handshake
  return {
    origin: headers.origin,
    host: headers.host,
    address,
    isForwarded: headers['forwarded'] !== undefined || headers['x-forwarded-for'] !== undefined,
    headers,
  }
}

/** Socket.IO sends a middleware's error as `connect_error`, with its `data`. */
function refusal(error: unknown): Error {
  const known =
    error instanceof PresenceError ? error : new PresenceError('internal', 'The server failed.', { canRetry: true })
  return Object.assign(new Error(known.message), { data: known.toJSON() })
}

type Listener = (...args: unknown[]) => void

/**
 * Engine.IO takes the place of all listeners for requests and calls them for what is not its own. To be gone without a
 * trace, they are put back, with those that came later.
 */
function attachTo(http: HttpServer, io: Server): () => void {
  const requests = http.listeners('request') as Listener[]
  const upgrades = http.listeners('upgrade')
  io.attach(http)
  const ours = http.listeners('request') as Listener[]
  const ourUpgrades = http.listeners('upgrade').filter((listener) => !upgrades.includes(listener)) as Listener[]
  return () => {
    const later = (http.listeners('request') as Listener[]).filter((listener) => !ours.includes(listener))
    http.removeAllListeners('request')
    for (const listener of [...requests, ...later]) http.on('request', listener)
    for (const listener of ourUpgrades) http.off('upgrade', listener)
  }
}
