import type { IncomingHttpHeaders, IncomingMessage, Server as HttpServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { PresenceError, type Message, type ServerMessage } from '@app/protocol'
import { Server, type Socket } from 'socket.io'
import type { Knock } from './admission.ts'
import { believed, clientAddress } from './client-address.ts'
import type { Admission } from './connection.ts'
import { serverFailed } from './refusals.ts'
import { Frame, guardEngine, Outflow, tapEvents } from './socket-io-engine.ts'
import type { Link, LinkEvents, Transport } from './transport.ts'

/*
 * The only file that knows Socket.IO; `socket-io-engine.ts` knows what lies below it.
 */

/** What the sockets bring their connections to. */
export interface Reception {
  /** Throws the `PresenceError` that refuses the client. */
  admit(auth: unknown, knock: Knock): Promise<Admission>
  connect(link: Link, admission: Admission): LinkEvents
}

export interface SocketsOptions {
  readonly heldTtlMinMs: number
  readonly messageBytes: number
  readonly handshakeMs: number
  /** How many proxies are believed. */
  readonly trustProxy: number
  readonly isOriginAllowed: (knock: Pick<Knock, 'origin' | 'host'>) => boolean
}

// Over the limit a message is refused; over this many times the limit nobody reads it, and the connection is ended.
const messageBytesFactor = 2
// Whoever has not been let in by then has been told why.
const connectSlackMs = 1_000
// After this long, what has not reached a client that is told goodbye will not.
const goodbyeMs = 1_000

/** Socket.IO on an HTTP server. */
export class Sockets implements Transport {
  readonly #io: Server
  readonly #groups = new Groups()
  #detach: () => void = () => {}

  readonly #options: SocketsOptions

  constructor(options: SocketsOptions) {
    const { heldTtlMinMs, messageBytes, handshakeMs, trustProxy, isOriginAllowed } = options
    this.#options = options
    this.#io = new Server({
      serveClient: false,
      perMessageDeflate: false,
      // Two pings and the wait for a pong fit in the shortest held lease.
      pingInterval: heldTtlMinMs / 2,
      pingTimeout: heldTtlMinMs * 0.4,
      maxHttpBufferSize: messageBytes * messageBytesFactor,
      connectTimeout: handshakeMs + connectSlackMs,
      // Other programs on the same HTTP server may have upgrades of their own; `attachTo` looks after the rest.
      destroyUpgrade: false,
      cors: (
        { headers }: { headers: IncomingHttpHeaders },
        decide: (error: null, options: { origin: boolean }) => void,
      ) => decide(null, { origin: isOriginAllowed({ origin: headers.origin, host: hostOf(headers, trustProxy) }) }),
    })
  }

  /** Starts to listen for clients on the HTTP server, leaving its other requests to their handlers. */
  attach(http: HttpServer, reception: Reception): void {
    const introduced = new WeakSet<object>()
    this.#io.use((socket, next) => {
      // Socket.IO would ask again for each that comes before the first is answered, and let in all of them.
      if (introduced.has(socket.conn)) return socket.conn.close()
      introduced.add(socket.conn)
      reception.admit(socket.handshake.auth, knockOf(socket, this.#options.trustProxy)).then(
        (admission) => {
          ;(socket.data as { admission?: Admission }).admission = admission
          next()
        },
        (error: unknown) => next(refusal(error)),
      )
    })
    this.#detach = attachTo(http, this.#io)
    guardEngine(this.#io.engine)
    this.#io.on('connection', (socket) => receive(socket, reception, this.#groups, this.#options))
  }

  broadcast(group: string, message: ServerMessage): void {
    this.#groups.send(group, message)
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

function receive(socket: Socket, reception: Reception, groups: Groups, { messageBytes }: SocketsOptions): void {
  const { admission } = socket.data as { admission: Admission }
  const outflow = new Outflow(socket)
  const on = reception.connect(linkOf(socket, outflow, groups), admission)
  outflow.onDrained = () => on.onDrained()
  outflow.onPacket = () => on.onPacket()
  tapEvents(socket, outflow, (message) => on.onMessage(message))
  socket.conn.on('packet', ({ data }: { data?: unknown }) => {
    if (typeof data === 'string' && data.length * 3 > messageBytes && Buffer.byteLength(data) > messageBytes)
      on.onOversized(messageBytes)
  })
  socket.onAny((event: string, ...args: unknown[]) => {
    const last = args.at(-1)
    if (typeof last === 'function') on.onMessage([event, ...args.slice(0, -1)], last as (answer: unknown) => void)
    else on.onMessage([event, ...args])
  })
  socket.on('disconnect', () => {
    on.onClose()
    // A client may say goodbye to Socket.IO and keep its connection. Were it to come back on it, all of this would be twice.
    socket.conn.close()
  })
  // What was needed of the handshake has been read; it would stay in memory as long as the connection.
  socket.data = {}
  Object.assign(socket.handshake, { headers: {}, auth: {} })
  Object.assign(socket.conn, { request: null })
}

function linkOf(socket: Socket, outflow: Outflow, groups: Groups): Link {
  return {
    send: (message) => outflow.send(frameOf(message)),
    isBehind: () => outflow.isBehind(),
    isDrowning: () => outflow.isDrowning(),
    close: () => void socket.disconnect(true),
    join: (group) => groups.join(group, outflow),
    leave: (group) => groups.leave(group, outflow),
  }
}

// A crowd that enters gets one snapshot, encoded once.
const snapshots = new WeakMap<Message, Frame>()

function frameOf(message: Message): Frame {
  if (message[0] !== 's') return new Frame(message)
  let frame = snapshots.get(message)
  if (!frame) {
    frame = new Frame(message)
    snapshots.set(message, frame)
  }
  return frame
}

/** Who hears what is broadcast. Socket.IO's own rooms would do, but cost more than the sending. */
class Groups {
  readonly #members = new Map<string, Set<Outflow>>()

  join(group: string, outflow: Outflow): void {
    const members = this.#members.get(group)
    if (members) members.add(outflow)
    else this.#members.set(group, new Set([outflow]))
  }

  leave(group: string, outflow: Outflow): void {
    const members = this.#members.get(group)
    members?.delete(outflow)
    if (members?.size === 0) this.#members.delete(group)
  }

  send(group: string, message: ServerMessage): void {
    const members = this.#members.get(group)
    if (!members) return
    const frame = new Frame(message)
    for (const outflow of members) outflow.send(frame)
  }
}

function knockOf({ handshake }: Socket, trustProxy: number): Knock {
  const { headers, address } = handshake
  return {
    origin: headers.origin,
    host: hostOf(headers, trustProxy),
    address: clientAddress(address, headers['x-forwarded-for'], trustProxy),
    isForwarded: headers['forwarded'] !== undefined || headers['x-forwarded-for'] !== undefined,
    headers,
  }
}

/** What the page asked for; a proxy may ask for another name. */
function hostOf(headers: IncomingHttpHeaders, trustProxy: number): string | undefined {
  return believed(headers['x-forwarded-host'], trustProxy) ?? headers.host
}

/** Socket.IO sends a middleware's error as `connect_error`, with its `data`. */
function refusal(error: unknown): Error {
  const known = error instanceof PresenceError ? error : serverFailed()
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
  http.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const isAnswered = request.url?.startsWith(`${io.path()}/`) || http.listenerCount('upgrade') > ourUpgrades.length
    if (!isAnswered) refuseUpgrade(socket)
  })
  const ourUpgrades = http.listeners('upgrade').filter((listener) => !upgrades.includes(listener)) as Listener[]
  return () => {
    const later = (http.listeners('request') as Listener[]).filter((listener) => !ours.includes(listener))
    http.removeAllListeners('request')
    for (const listener of [...requests, ...later]) http.on('request', listener)
    for (const listener of ourUpgrades) http.off('upgrade', listener)
  }
}

/** Node gives a socket away with its upgrade: where nobody takes it, it would stay for ever, and its error end the process. */
function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => {})
  socket.once('finish', () => socket.destroy())
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}
