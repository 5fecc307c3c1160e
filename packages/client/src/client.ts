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
  Decode,
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
import { Connection, type Connect, type ConnectionHost } from './connection.ts'
import type { Connection as ConnectionState } from './connection-machine.ts'
import { Counter } from './counter.ts'
import { Credentials } from './credentials.ts'
import { getOrMake } from './get-or-make.ts'
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
  RoomStatus,
} from './presence.ts'
import { Room } from './room.ts'
import type { RoomHost } from './room-host.ts'
import { Rounds } from './rounds.ts'
import { ServerTime } from './server-time.ts'
import { isSameUser } from './shown.ts'
import { Subscribable } from './subscribable.ts'
import { TokenRefresh, type TokenRefreshHost } from './token-refresh.ts'
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
  readonly toStandard?: ((schema: unknown) => unknown) | undefined
}

// The estimate of the server's clock settles within these many questions after a hello.
const timeProbes = 3

// The server pings each half of the shortest held lease and waits 0.4 of it for an answer (L2).
const engineSilencePart = 0.9

/** What holds until the server has said hello. */
const limitsAtFirst = { ...defaultLimits, sendMs: flushDefaultMs, heldTtlMinMs: heldTtlMinDefaultMs }

/**
 * The whole client above its edges: one connection, many rooms. Its parts see of it what their hosts name, the application
 * what `PresenceClient` does.
 */
export class Client implements PresenceClient, ConnectionHost, HandleHost, RoomHost, TokenRefreshHost {
  readonly clientId: number
  readonly clock: Clock
  readonly rounds = new Rounds()
  limits: RoomHost['limits'] = limitsAtFirst
  readonly #edges: ClientEdges
  readonly #autoConnect: boolean
  readonly #credentials: Credentials
  readonly #connection: Connection
  readonly #time: ServerTime
  readonly #refresh: TokenRefresh
  readonly #rooms = new Map<string, Room>()
  readonly #counters = new Map<string, Counter>()
  /** The rooms by their numbers on the present connection. */
  readonly #numbered = new Map<number, Room>()
  readonly #decoders = new WeakMap<object, Decode>()
  readonly #statusChanged = new Subscribable<[ClientStatus]>()
  readonly #failed = new Subscribable<[PresenceError]>()
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
    this.clock = edges.clock
    this.#edges = edges
    this.#autoConnect = options.autoConnect ?? true
    this.#credentials = new Credentials(options.token, options.user)
    this.#user = this.#credentials.user ?? null
    this.#time = new ServerTime(edges.clock)
    this.#refresh = new TokenRefresh(this, this.#credentials)
    this.#lastPacketMs = this.clock.monotonicMs()
    this.#lastPacketWallMs = this.clock.wallMs()
    this.#connection = new Connection(edges, this)
  }

  get status(): ClientStatus {
    return this.#connection.state.status
  }

  get user(): PresenceUser | null {
    return this.#user
  }

  get retryInMs(): number | null {
    return this.#connection.retryInMs
  }

  get error(): PresenceError | null {
    return this.#failure
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
    this.rounds.run()
  }

  close(): void {
    this.#connection.send(['bye'] satisfies ClientMessage)
    this.#owesBye = this.limits !== limitsAtFirst
    this.#connection.close()
    this.#stopWatching?.()
    this.#stopWatching = null
    for (const topic of this.#topics) topic.onClosed()
    this.rounds.run()
  }

  waitForConnected(timeoutMs?: number): Promise<void> {
    if (this.status === 'idle') this.connect()
    return new Promise((resolve, reject) => {
      let cancelTimer = () => {}
      const settle = () => {
        const { state } = this.#connection
        if (state.status === 'connected') resolve()
        else if (state.status === 'refused') reject(state.error)
        else if (state.status === 'closed')
          reject(new PresenceError('closed', 'The client is closed. Call connect() to open it again.'))
        else return
        cancelTimer()
        stop()
      }
      const stop = this.onStatus(settle)
      if (timeoutMs !== undefined) {
        cancelTimer = this.clock.after(timeoutMs, () => {
          stop()
          const cause = this.#failure ?? undefined
          const why = cause?.message ?? 'Is the server running at this address?'
          reject(
            new PresenceError('timeout', `Not connected within ${timeoutMs} ms. ${why}`, { canRetry: true, cause }),
          )
        })
      }
      settle()
    })
  }

  async reauthenticate(credentials: NewCredentials = {}): Promise<void> {
    this.#credentials.change(credentials)
    if (this.status === 'refused') {
      this.connect()
      return this.waitForConnected()
    }
    if (!this.isConnected) {
      this.#setUser(this.#credentials.user ?? null)
      return
    }
    await this.renew().catch((error: PresenceError) => {
      this.report(error)
      throw error
    })
  }

  /** Says on the live connection who I am. */
  async renew(): Promise<void> {
    const { version } = this.#credentials
    const token = await this.#freshToken()
    // While the token was fetched the connection was lost, and the next hello brings it; or somebody else has logged in or
    // out, whom this token must not undo.
    if (!this.isConnected || version !== this.#credentials.version) return
    await this.#credentials.ask((id) => this.send(['auth', id, { token, user: this.#credentials.user }]))
  }

  #freshToken(): Promise<string | undefined> {
    this.#refresh.asked()
    return this.#credentials.token()
  }

  inspect(): ClientReport {
    return {
      clientId: this.clientId,
      status: this.status,
      retryInMs: this.retryInMs,
      error: this.error,
      user: this.#user,
      nowMs: this.now(),
      lastPacketAtMs: this.lastPacketAtMs(),
      rooms: [...this.#rooms.values()].map((room) => room.inspect()),
      counts: [...this.#counters.values()].map((counter) => counter.inspect()),
    }
  }

  count(key: string): PresenceCount {
    parseRoomKey(key, this.limits.keyBytes)
    return {
      key,
      value: () => this.#counters.get(key)?.value ?? null,
      onChange: (listener) => getOrMake(this.#counters, key, () => new Counter(key, this)).listen(listener),
    }
  }

  presence(key: string): PresenceRoom<unknown>
  presence<S extends StandardSchemaV1>(
    key: string,
    schema: S,
  ): PresenceRoom<StandardSchemaV1.InferInput<S>, StandardSchemaV1.InferOutput<S>>
  presence(key: string, schema?: object): unknown {
    parseRoomKey(key, this.limits.keyBytes)
    return new Handle(key, this, schema === undefined ? null : this.#decoder(schema))
  }

  #decoder(schema: object): Decode {
    return getOrMake(this.#decoders, schema, () => decoderOf(this.#edges.toStandard?.(schema) ?? schema))
  }

  // ── Rooms ──

  known(key: string): Room | undefined {
    return this.#rooms.get(key)
  }

  room(key: string): Room {
    return getOrMake(this.#rooms, key, () => new Room(key, this))
  }

  get #topics(): Iterable<Room | Counter> {
    return [...this.#rooms.values(), ...this.#counters.values()]
  }

  /** How a room stands that nothing is known of. */
  get statusOfNone(): RoomStatus {
    return this.status === 'refused' ? 'refused' : 'loading'
  }

  get isConnected(): boolean {
    return this.status === 'connected'
  }

  nextPutNumber(): number {
    return ++this.#putNumber
  }

  use(): void {
    if (this.#autoConnect && this.status === 'idle') this.connect()
  }

  forget(topic: Room | Counter): void {
    const { key } = topic
    if (topic instanceof Counter) {
      this.#counters.delete(key)
      return
    }
    if (this.#rooms.get(key) === topic) this.#rooms.delete(key)
    if (topic.position) this.#numbered.delete(topic.position.number)
    this.#hasExited = true
    this.#askTime(1)
  }

  lastPacketAtMs(): number {
    return this.#time.at(this.#lastPacketMs)
  }

  send(message: ClientMessage): void {
    this.#connection.send(message)
  }

  // ── The connection ──

  async handshake(): Promise<Handshake> {
    const { version } = this.#credentials
    const token = await this.#freshToken()
    this.#greetedAs = version
    const { clientId, secret } = this.#edges.identity
    return { v: protocolVersion, clientId, secret, token, user: this.#credentials.user }
  }

  onState(before: ConnectionState): void {
    const { state } = this.#connection
    if (before.status === 'connected') {
      this.#probe = null
      this.#refresh.stop()
      this.#credentials.abandon()
      this.#numbered.clear()
      for (const topic of this.#topics) topic.onLost()
    }
    if (state.status === before.status) return
    const { status } = state
    if (status === 'refused' || before.status === 'refused') {
      for (const room of this.#rooms.values()) room.onClientRefused(status === 'refused')
    }
    this.rounds.add(() => this.#statusChanged.emit(status))
    // A connection that ended has no caller who would run the rounds; inside one, this does nothing.
    if (status !== 'connected') this.rounds.run()
  }

  /** Of a row of failed attempts only the first is told, and the one that ends them. */
  onFailure(error: PresenceError): Verdict {
    const verdict = error.code === 'token-expired' ? this.#refresh.ended(error) : verdictOf(error)
    if (verdict.type === 'refuse') this.report(verdict.error)
    else if (!this.#failure) this.report(error)
    this.#failure = error
    return verdict
  }

  #onPageHide(): void {
    this.send(['bye'])
    this.#connection.suspend()
    this.rounds.run()
  }

  onPacket(): void {
    const { clock } = this
    const [nowMs, wallMs] = [clock.monotonicMs(), clock.wallMs()]
    // A machine that sleeps stops the one clock, and the other may be set: whichever says more, since asking costs little.
    const silentMs = Math.max(nowMs - this.#lastPacketMs, wallMs - this.#lastPacketWallMs)
    this.#lastPacketMs = nowMs
    this.#lastPacketWallMs = wallMs
    if (!this.isConnected) return
    // A server that runs would have given this connection up, and so would the socket. So the page stood still, and what is
    // read now came before or meanwhile: it proves nothing, and a ping makes the socket wait once more. To ask something
    // first makes the socket look at its clock, or shows within seconds that nobody answers.
    if (silentMs > this.limits.heldTtlMinMs * engineSilencePart) this.#connection.hint()
  }

  onMessage(message: Message): void {
    try {
      this.#receive(parseServerMessage(message))
    } catch (error) {
      if (!(error instanceof PresenceError)) throw error
      this.report(error)
    }
    this.rounds.run()
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
        this.#connection.windowMs = message[1]
    }
  }

  #onHello(hello: Hello): void {
    this.limits = { ...limitsAtFirst, ...hello }
    this.#failure = null
    this.#clockMoved(this.#time.greet(hello.nowMs))
    this.#connection.windowMs = hello.windowMs
    this.#connection.greeted()
    if (this.#owesBye) this.send(['bye'])
    this.#refresh.known(hello.expiresAtMs)
    this.#setUser(hello.user)
    for (const topic of this.#topics) topic.onConnected()
    this.#askTime(timeProbes)
    // Who I am has changed while the connection was being made.
    if (this.#greetedAs !== this.#credentials.version) this.reauthenticate().catch(() => {})
  }

  #onAuthed(id: number, user: PresenceUser | null, expiresAtMs: number | undefined): void {
    this.#refresh.known(expiresAtMs)
    this.#setUser(user)
    this.#credentials.answer(id, null)
    for (const topic of this.#topics) topic.onLoggedIn()
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
    if (event === 'connect') return this.#connection.fail(error)
    if (error.room !== undefined) {
      if (event === 'count') this.#counters.get(error.room)?.onRefused(error)
      else this.#rooms.get(error.room)?.onRefused(event, n, error)
    }
    this.report(error)
  }

  report(error: PresenceError): void {
    if (this.#failed.size > 0) this.#failed.emit(error)
    else console.error(`[presence] ${error.message} (${error.code})`)
  }

  #setUser(user: PresenceUser | null): void {
    if (isSameUser(user, this.#user)) return
    this.#user = user
    for (const room of this.#rooms.values()) room.onUserChanged()
    this.rounds.run()
  }

  // ── The server's clock ──

  probe(): number {
    this.#askTime(1)
    return this.#timeQuestions
  }

  #askTime(times: number): void {
    // A question that comes between takes the place of the one under way, and of none that were to follow it.
    const left = Math.max(times, this.#probe?.left ?? 0)
    // Never the same id twice: an answer to an earlier question must not look like a quick one to this.
    const id = ++this.#timeQuestions
    this.#probe = { id, sentAtMs: this.clock.monotonicMs(), left }
    this.send(['t', id])
  }

  #onTime(id: number, nowMs: number): void {
    this.#connection.answered(id)
    const probe = this.#probe
    if (probe?.id !== id) return
    // It was asked after the goodbye, or after the room was exited.
    this.#owesBye = false
    this.#hasExited = false
    this.#clockMoved(this.#time.learn(nowMs, this.clock.monotonicMs() - probe.sentAtMs))
    this.#probe = null
    if (probe.left > 1) this.#askTime(probe.left - 1)
  }

  #clockMoved(byMs: number): void {
    if (byMs === 0) return
    for (const room of this.#rooms.values()) room.onClockMoved(byMs)
    this.#refresh.look()
  }
}
