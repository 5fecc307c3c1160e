import {
  decoderOf,
  defaultLimits,
  flushDefaultMs,
  hashVersions,
  heldTtlMinDefaultMs,
  parseRoomKey,
  parseServerMessage,
  parseWireError,
  PresenceError,
  protocolVersion,
} from '@app/protocol'
import type {
  ClientMessage,
  Clock,
  Handshake,
  Hello,
  Message,
  PresenceUser,
  Refusal,
  RoomVersion,
  ServerMessage,
  SnapshotMessage,
  StandardSchemaV1,
} from '@app/protocol'
import type { PageEvents } from './browser.ts'
import { Connection, type Connect } from './connection.ts'
import type { Connection as ConnectionState } from './connection-machine.ts'
import { Counter, type CounterHost } from './counter.ts'
import { Credentials } from './credentials.ts'
import { Handle, type HandleHost } from './handle.ts'
import type { Identity } from './identity.ts'
import type {
  ClientReport,
  ClientStatus,
  NewCredentials,
  PresenceClient,
  PresenceClientOptions,
  PresenceCount,
  PresenceRoom,
} from './presence.ts'
import { Room } from './room.ts'
import type { RoomHost } from './room-host.ts'
import { Rounds } from './rounds.ts'
import { ServerTime } from './server-time.ts'
import { Subscribable } from './subscribable.ts'
import { TokenRefresh } from './token-refresh.ts'
import { verdictOf, type Verdict } from './verdict.ts'

/** The edges of a client: everything in it that is not plain computation. */
export interface ClientEdges {
  readonly clock: Clock
  readonly random: () => number
  readonly identity: Identity
  readonly connect: Connect
  /** Tells when the page goes and when it comes back; returns how to stop. */
  readonly watchPage: (page: PageEvents) => () => void
  /** Makes a Standard Schema of a schema that is none; the base client knows no such schema. */
  readonly toStandard?: (schema: unknown) => unknown
}

// The estimate of the server's clock settles within these many questions after a hello.
const timeProbes = 3

// The server pings each half of the shortest held lease and waits 0.4 of it for an answer (L2).
const engineSilencePart = 0.9

/** The whole client above its edges: one connection, many rooms. */
export class Client implements PresenceClient {
  readonly clientId: number
  readonly #edges: ClientEdges
  readonly #autoConnect: boolean
  readonly #credentials: Credentials
  readonly #connection: Connection
  readonly #time: ServerTime
  readonly #refresh: TokenRefresh
  readonly #rounds = new Rounds()
  readonly #rooms = new Map<string, Room>()
  readonly #counters = new Map<string, Counter>()
  /** The rooms by their numbers on the present connection. */
  readonly #numbered = new Map<number, Room>()
  readonly #decoders = new WeakMap<object, ReturnType<typeof decoderOf>>()
  readonly #statusChanged = new Subscribable<[ClientStatus]>()
  readonly #failed = new Subscribable<[PresenceError]>()
  readonly #roomHost: RoomHost
  readonly #handleHost: HandleHost
  readonly #counterHost: CounterHost
  #hello: Hello | null = null
  #user: PresenceUser | null
  #putNumber = 0
  #lastPacketMs: number
  #lastPacketWallMs: number
  #probe: { id: number; sentAtMs: number; left: number } | null = null
  #timeQuestions = 0
  #stopWatching: (() => void) | null = null
  /** The newest of a row of failed attempts; only the first of them is told. */
  #failure: PresenceError | null = null
  #greetedAs = 0
  #hasExited = false
  /** I was closed, and the server may not have heard my goodbye. */
  #owesBye = false

  constructor(options: PresenceClientOptions, edges: ClientEdges) {
    this.clientId = edges.identity.clientId
    this.#edges = edges
    this.#autoConnect = options.autoConnect ?? true
    this.#credentials = new Credentials(options.token, options.user)
    this.#user = this.#credentials.user ?? null
    this.#time = new ServerTime(edges.clock)
    this.#refresh = new TokenRefresh({
      clock: edges.clock,
      now: () => this.now(),
      canRenew: () => this.#credentials.canRenew,
      renew: () => this.#login(),
      report: (error) => this.#report(error),
    })
    this.#lastPacketMs = edges.clock.monotonicMs()
    this.#lastPacketWallMs = edges.clock.wallMs()
    this.#connection = new Connection({
      clock: edges.clock,
      random: edges.random,
      connect: edges.connect,
      handshake: () => this.#handshake(),
      onMessage: (message) => this.#onMessage(message),
      onPacket: () => this.#onPacket(),
      onState: (before) => this.#onState(before),
      onFailure: (error) => this.#onFailure(error),
      probe: () => {
        this.#askTime(1)
        return this.#timeQuestions
      },
    })
    this.#roomHost = this.#hostOfRooms()
    this.#counterHost = { ...this.#roomHost, forget: ({ key }) => void this.#counters.delete(key) }
    this.#handleHost = {
      room: (key) => this.#room(key),
      known: (key) => this.#rooms.get(key),
      statusOfNone: () => (this.status === 'refused' ? 'refused' : 'loading'),
      dataBytes: () => this.#hello?.dataBytes ?? defaultLimits.dataBytes,
    }
  }

  get status(): ClientStatus {
    return this.#connection.state.status
  }

  get user(): PresenceUser | null {
    return this.#user
  }

  onStatus(listener: (status: ClientStatus) => void): () => void {
    return this.#statusChanged.add(listener)
  }

  onError(listener: (error: PresenceError) => void): () => void {
    return this.#failed.add(listener)
  }

  now(): number {
    return this.#time.now()
  }

  connect(): void {
    this.#stopWatching ??= this.#edges.watchPage({
      onHide: () => this.#onPageHide(),
      onShow: () => this.#connection.resume(),
      onHint: () => {
        this.#refresh.look()
        this.#connection.hint()
      },
    })
    this.#connection.connect()
    this.#rounds.run()
  }

  close(): void {
    this.#connection.send(['bye'] satisfies ClientMessage)
    this.#owesBye = this.#hello !== null
    this.#connection.close()
    this.#stopWatching?.()
    this.#stopWatching = null
    for (const room of this.#rooms.values()) room.onClosed()
    for (const counter of this.#counters.values()) counter.onClosed()
    this.#rounds.run()
  }

  waitForConnected(timeoutMs?: number): Promise<void> {
    if (this.status === 'idle') this.connect()
    return new Promise((resolve, reject) => {
      let cancelTimer = () => {}
      let stop = () => {}
      const settle = (): boolean => {
        const end = ending(this.#connection.state)
        if (end === null) return false
        cancelTimer()
        stop()
        if (end === 'connected') resolve()
        else reject(end)
        return true
      }
      if (settle()) return
      stop = this.onStatus(settle)
      if (timeoutMs === undefined) return
      cancelTimer = this.#edges.clock.after(timeoutMs, () => {
        stop()
        const why = this.#failure?.message ?? 'Is the server running, and is its address right?'
        const details = { canRetry: true, cause: this.#failure ?? undefined }
        reject(new PresenceError('timeout', `Not connected within ${timeoutMs} ms. ${why}`, details))
      })
    })
  }

  async reauthenticate(credentials: NewCredentials = {}): Promise<void> {
    this.#credentials.change(credentials)
    if (this.status === 'refused') {
      this.connect()
      return this.waitForConnected()
    }
    if (this.status !== 'connected') {
      this.#setUser(this.#credentials.user ?? null)
      return
    }
    await this.#login().catch((error: PresenceError) => {
      this.#report(error)
      throw error
    })
  }

  /** Says on the live connection who I am. */
  async #login(): Promise<void> {
    const { version } = this.#credentials
    const token = await this.#freshToken()
    // While the token was fetched the connection was lost, and the next hello brings it; or somebody else has logged in or
    // out, whom this token must not undo.
    if (this.status !== 'connected' || version !== this.#credentials.version) return
    await this.#credentials.ask((id) => this.#send(['auth', id, { token, user: this.#credentials.user }]))
  }

  #freshToken(): Promise<string | undefined> {
    this.#refresh.asked()
    return this.#credentials.token()
  }

  inspect(): ClientReport {
    return {
      clientId: this.clientId,
      status: this.status,
      retryInMs: this.#connection.retryInMs,
      error: this.#failure,
      user: this.#user,
      nowMs: this.now(),
      lastPacketAtMs: this.#lastPacketAtMs(),
      rooms: [...this.#rooms.values()].map((room) => room.report()),
      counts: [...this.#counters.values()].map((counter) => counter.report()),
    }
  }

  count(key: string): PresenceCount {
    parseRoomKey(key, this.#hello?.keyBytes)
    return {
      key,
      value: () => this.#counters.get(key)?.value ?? null,
      onChange: (listener) => this.#counter(key).listen(listener),
    }
  }

  presence(key: string): PresenceRoom<unknown>
  presence<S extends StandardSchemaV1>(
    key: string,
    schema: S,
  ): PresenceRoom<StandardSchemaV1.InferInput<S>, StandardSchemaV1.InferOutput<S>>
  presence(key: string, schema?: object): unknown {
    parseRoomKey(key, this.#hello?.keyBytes)
    if (schema === undefined) return new Handle(key, this.#handleHost, null, null)
    return new Handle(key, this.#handleHost, schema, this.#decoder(schema))
  }

  #decoder(schema: object): ReturnType<typeof decoderOf> {
    const known = isObject(schema) ? this.#decoders.get(schema) : undefined
    if (known) return known
    const decoder = decoderOf(this.#edges.toStandard?.(schema) ?? schema)
    this.#decoders.set(schema, decoder)
    return decoder
  }

  // ── Rooms ──

  #room(key: string): Room {
    let room = this.#rooms.get(key)
    if (!room) {
      room = new Room(key, this.#roomHost)
      if (this.status === 'refused') room.onClientRefused(true)
      this.#rooms.set(key, room)
    }
    return room
  }

  #counter(key: string): Counter {
    let counter = this.#counters.get(key)
    if (!counter) {
      counter = new Counter(key, this.#counterHost)
      this.#counters.set(key, counter)
    }
    return counter
  }

  #hostOfRooms(): RoomHost {
    return {
      clientId: this.clientId,
      rounds: this.#rounds,
      now: () => this.now(),
      elapsedMs: () => this.#edges.clock.monotonicMs(),
      user: () => this.#user,
      isConnected: () => this.status === 'connected',
      lastPacketAtMs: () => this.#lastPacketAtMs(),
      sendMs: () => this.#hello?.sendMs ?? flushDefaultMs,
      heldTtlMinMs: () => this.#hello?.heldTtlMinMs ?? heldTtlMinDefaultMs,
      nextPutNumber: () => ++this.#putNumber,
      send: (message) => this.#send(message),
      after: (delayMs, run) => this.#edges.clock.after(delayMs, run),
      report: (error) => this.#report(error),
      wake: () => {
        if (this.#autoConnect && this.status === 'idle') this.connect()
      },
      forget: (room) => {
        if (this.#rooms.get(room.key) === room) this.#rooms.delete(room.key)
        if (room.position) this.#numbered.delete(room.position.number)
        this.#hasExited = true
        this.#askTime(1)
      },
    }
  }

  #lastPacketAtMs(): number {
    return this.#time.at(this.#lastPacketMs)
  }

  #send(message: ClientMessage): void {
    this.#connection.send(message)
  }

  // ── The connection ──

  async #handshake(): Promise<Handshake> {
    const { version } = this.#credentials
    const token = await this.#freshToken()
    this.#greetedAs = version
    const { clientId, secret } = this.#edges.identity
    return { v: protocolVersion, clientId, secret, token, user: this.#credentials.user }
  }

  #onState(before: ConnectionState): void {
    const { state } = this.#connection
    if (before.status === 'connected') {
      this.#probe = null
      this.#refresh.stop()
      this.#credentials.abandon()
      this.#numbered.clear()
      for (const room of this.#rooms.values()) room.onLost()
      for (const counter of this.#counters.values()) counter.onLost()
    }
    if (state.status === before.status) return
    const { status } = state
    if (status === 'refused' || before.status === 'refused') {
      for (const room of this.#rooms.values()) room.onClientRefused(status === 'refused')
    }
    this.#rounds.add(() => this.#statusChanged.emit(status))
    // A connection that ended has no caller who would run the rounds; inside one, this does nothing.
    if (status !== 'connected') this.#rounds.run()
  }

  /** Of a row of failed attempts only the first is told, and the one that ends them. */
  #onFailure(error: PresenceError): Verdict {
    const verdict = error.code === 'token-expired' ? this.#refresh.ended(error) : verdictOf(error)
    if (verdict.type === 'refuse') this.#report(verdict.error)
    else if (!this.#failure) this.#report(error)
    this.#failure = error
    return verdict
  }

  #onPageHide(): void {
    this.#send(['bye'])
    this.#connection.suspend()
    this.#rounds.run()
  }

  #onPacket(): void {
    const { clock } = this.#edges
    const [nowMs, wallMs] = [clock.monotonicMs(), clock.wallMs()]
    // A machine that sleeps stops the one clock, and the other may be set: whichever says more, since asking costs little.
    const silentMs = Math.max(nowMs - this.#lastPacketMs, wallMs - this.#lastPacketWallMs)
    this.#lastPacketMs = nowMs
    this.#lastPacketWallMs = wallMs
    if (this.status !== 'connected' || !this.#hello) return
    // A server that runs would have given this connection up, and so would the socket. So the page stood still, and what is
    // read now came before or meanwhile: it proves nothing, and a ping makes the socket wait once more. To ask something
    // first makes the socket look at its clock, or shows within seconds that nobody answers.
    if (silentMs > this.#hello.heldTtlMinMs * engineSilencePart) this.#connection.hint()
  }

  #onMessage(message: Message): void {
    try {
      this.#receive(parseServerMessage(message))
    } catch (error) {
      if (!(error instanceof PresenceError)) throw error
      this.#report(error)
    }
    this.#rounds.run()
  }

  #receive(message: ServerMessage): void {
    switch (message[0]) {
      case 'hello':
        return this.#onHello(message[1])
      case 's':
        return this.#onSnapshot(message)
      case 'd':
        return this.#numbered.get(message[1])?.onDelta(message)
      case 'k':
        return this.#rooms.get(message[1])?.onTaken(message[2])
      case 'pace':
        return this.#rooms.get(message[1])?.onPace(message[2])
      case 'c':
        return this.#counters.get(message[1])?.onCount(message[2], message[3])
      case 'refused':
        return this.#onRefused(message[1])
      case 'authed':
        return this.#onAuthed(message[1], message[2], message[3])
      case 't':
        return this.#onTime(message[1], message[2])
      case 'v':
        return this.#onVersions(message[1])
      case 'drain':
        return this.#connection.comeBackWithin(message[1])
    }
  }

  #onHello(hello: Hello): void {
    this.#hello = hello
    this.#failure = null
    this.#clockMoved(this.#time.greet(hello.nowMs))
    this.#connection.greeted(hello.windowMs)
    if (this.#owesBye) this.#send(['bye'])
    this.#refresh.known(hello.expiresAtMs)
    this.#setUser(hello.user)
    for (const room of this.#rooms.values()) room.onConnected()
    for (const counter of this.#counters.values()) counter.onConnected()
    this.#askTime(timeProbes)
    // Who I am has changed while the connection was being made.
    if (this.#greetedAs !== this.#credentials.version) this.reauthenticate().catch(() => {})
  }

  #onAuthed(id: number, user: PresenceUser | null, expiresAtMs: number | undefined): void {
    this.#refresh.known(expiresAtMs)
    this.#setUser(user)
    this.#credentials.answer(id, null)
    for (const room of this.#rooms.values()) room.onLoggedIn()
    for (const counter of this.#counters.values()) counter.onLoggedIn()
  }

  #onSnapshot(snapshot: SnapshotMessage): void {
    const [, key, number] = snapshot
    const room = this.#rooms.get(key)
    if (!room) return
    this.#numbered.set(number, room)
    room.onSnapshot(snapshot)
  }

  /** The server's hash of the versions of my rooms: another than mine says that something was lost (S2). */
  #onVersions(hash: number): void {
    const rooms = [...this.#rooms.values()]
    const positions: RoomVersion[] = []
    for (const { position } of rooms) if (position) positions.push(position)
    // The server may have counted a room that I have just exited, or one that is being repaired already.
    const isComparable = !this.#hasExited && !rooms.some((room) => room.isResyncing)
    if (isComparable && hash !== hashVersions(positions)) for (const room of rooms) room.resync()
    // A good moment to ask the time too: this machine may have slept, and the server's clock may be led back (C1).
    if (!this.#probe) this.#askTime(1)
  }

  #onRefused(refusal: Refusal): void {
    const error = parseWireError(refusal)
    const { event, n = null, id } = refusal
    // Whoever asked, or whoever judges the end of a connection, tells it.
    if (event === 'auth' && id !== undefined && this.#credentials.answer(id, error)) return
    if (event === 'connect') return this.#connection.ended(error)
    if (error.room !== undefined) {
      if (event === 'count') this.#counters.get(error.room)?.onRefused(error)
      else this.#rooms.get(error.room)?.onRefused(event, n, error)
    }
    this.#report(error)
  }

  #report(error: PresenceError): void {
    if (this.#failed.size > 0) this.#failed.emit(error)
    else console.error(`[presence] ${error.message} (${error.code})`)
  }

  #setUser(user: PresenceUser | null): void {
    if (JSON.stringify(user) === JSON.stringify(this.#user)) return
    this.#user = user
    for (const room of this.#rooms.values()) room.onUserChanged()
    this.#rounds.run()
  }

  // ── The server's clock ──

  #askTime(times: number): void {
    // A question that comes between takes the place of the one under way, and of none that were to follow it.
    const left = Math.max(times, this.#probe?.left ?? 0)
    // Never the same id twice: an answer to an earlier question must not look like a quick one to this.
    const id = ++this.#timeQuestions
    this.#probe = { id, sentAtMs: this.#edges.clock.monotonicMs(), left }
    this.#send(['t', id])
  }

  #onTime(id: number, nowMs: number): void {
    this.#connection.answered(id)
    const probe = this.#probe
    if (probe?.id !== id) return
    // It was asked after the goodbye, or after the room was exited.
    this.#owesBye = false
    this.#hasExited = false
    this.#clockMoved(this.#time.learn(nowMs, this.#edges.clock.monotonicMs() - probe.sentAtMs))
    this.#probe = null
    if (probe.left > 1) this.#askTime(probe.left - 1)
  }

  #clockMoved(byMs: number): void {
    if (byMs === 0) return
    for (const room of this.#rooms.values()) room.onClockMoved(byMs)
    this.#refresh.look()
  }
}

/** How a wait for the connection ends in a state; null while it goes on. */
function ending(state: ConnectionState): 'connected' | PresenceError | null {
  if (state.status === 'connected') return 'connected'
  if (state.status === 'refused') return state.error
  return state.status === 'closed'
    ? new PresenceError('closed', 'The client is closed. Call connect() to open it again.')
    : null
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
