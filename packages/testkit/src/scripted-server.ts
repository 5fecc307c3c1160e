import {
  defaultLimits,
  flushDefaultMs,
  heldTtlMinDefaultMs,
  parseClientMessage,
  protocolVersion,
  type Channel,
  type ChannelEvents,
  type ClientMessage,
  type EntryRow,
  type GoneReason,
  type Handshake,
  type Hello,
  type Message,
  type PresenceError,
  type PresenceUser,
  type PutRow,
  type Refusal,
  type RoomRef,
  type ServerMessage,
} from '@app/protocol'

/** What a client hears from an attempt to connect. */
export interface ClientEvents extends ChannelEvents {
  onRefused(error: PresenceError): void
}

/** A room as the script keeps it. */
interface ScriptedRoom {
  readonly key: string
  readonly number: number
  version: number
  nextSlot: number
  readonly rows: Map<number, EntryRow>
}

/** How a peer's entry is put: held unless `ttlMs` is given for a timed one. */
export interface PeerOptions {
  readonly user?: PresenceUser
  readonly ttlMs?: number
  readonly joinedAtMs?: number
}

/**
 * A server for one client, played by hand below the sockets. Messages arrive at once and in order. It answers by
 * itself (hello, snapshots, echoes of puts) unless `answers` is false; every message of the client is kept in `received`.
 */
export class ScriptedServer {
  answers = true
  epoch = 'epoch-1'
  /** Every message of the client since the start, or since `received.length = 0`. */
  readonly received: ClientMessage[] = []
  readonly handshakes: Handshake[] = []
  readonly #nowMs: () => number
  readonly #rooms = new Map<string, ScriptedRoom>()
  #events: ClientEvents | null = null
  #waiting: (() => void)[] = []
  /** Refuses the next attempts to connect with this error. */
  refusal: PresenceError | null = null
  /** For how long the next identities are known; null for ever. */
  lifeMs: number | null = null

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs
  }

  /** What the client's edges take as `connect`. */
  readonly connect = (handshake: Handshake, events: ClientEvents): Channel => {
    this.handshakes.push(handshake)
    const isCurrent = () => this.#events === events
    if (this.refusal) events.onRefused(this.refusal)
    else {
      this.#events = events
      // A real connection never answers within the call that opens it.
      void Promise.resolve().then(() => {
        if (!isCurrent()) return
        if (this.answers) this.hello()
        for (const resolve of this.#waiting.splice(0)) resolve()
      })
    }
    return {
      send: (message) => {
        if (isCurrent()) this.#receive(message)
      },
      close: () => {
        if (isCurrent()) this.#events = null
      },
    }
  }

  get isConnected(): boolean {
    return this.#events !== null
  }

  /** Resolves once a client has connected (again). */
  connected(): Promise<void> {
    return this.#events ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** The client's messages of one kind. */
  sent<E extends ClientMessage[0]>(event: E): Extract<ClientMessage, readonly [E, ...unknown[]]>[] {
    return this.received.filter((message) => message[0] === event) as Extract<
      ClientMessage,
      readonly [E, ...unknown[]]
    >[]
  }

  /** All puts of the client to a room, one row each. */
  puts(key: string): PutRow[] {
    return this.sent('p').flatMap(([, rows]) => rows.filter(([ref]) => this.#keyOf(ref) === key))
  }

  hello(changes: Partial<Hello> = {}): void {
    const user = this.handshakes.at(-1)?.user ?? null
    this.say([
      'hello',
      {
        v: protocolVersion,
        epoch: this.epoch,
        nowMs: this.#nowMs(),
        user,
        heldTtlMinMs: heldTtlMinDefaultMs,
        windowMs: 500,
        sendMs: flushDefaultMs,
        dataBytes: defaultLimits.dataBytes,
        keyBytes: defaultLimits.keyBytes,
        ...(this.lifeMs === null ? {} : { expiresAtMs: this.#nowMs() + this.lifeMs }),
        ...changes,
      },
    ])
  }

  snapshot(key: string): void {
    const { number, version, rows } = this.#room(key)
    this.say(['s', key, number, this.epoch, version, [...rows.values()]])
  }

  /** A peer enters, or puts new data; the client hears of it by a delta. */
  put(key: string, clientId: number, data: unknown, { user, ttlMs, joinedAtMs }: PeerOptions = {}): void {
    const lease = ttlMs === undefined ? [0, 30_000] : [this.#nowMs() + ttlMs, 0]
    this.#putRow(this.#room(key), clientId, 1, data, lease as [number, number], joinedAtMs ?? this.#nowMs(), user)
  }

  /** A peer renews its timed lease. */
  renew(key: string, clientId: number, ttlMs: number): void {
    const room = this.#room(key)
    const row = room.rows.get(clientId)
    if (!row) throw new Error(`nobody to renew: ${clientId}`)
    const [slot, , n, data, , , joinedAtMs, user] = row
    const expiresAtMs = this.#nowMs() + ttlMs
    room.rows.set(clientId, entryRow(slot, clientId, n, data, expiresAtMs, 0, joinedAtMs, user))
    this.#delta(room, [], [], [], [[slot, n, expiresAtMs, 0]])
  }

  /** An entry goes, also the client's own. */
  remove(key: string, clientId: number, reason: GoneReason = 'left'): void {
    const room = this.#room(key)
    const row = room.rows.get(clientId)
    if (!row) return
    room.rows.delete(clientId)
    this.#delta(room, [], [[row[0], reason]], [], [])
  }

  /** The next delta of the room is lost on the way. */
  skipDelta(key: string): void {
    this.#room(key).version++
  }

  /** Tells the client how many are in a room, as its rows have it. */
  count(key: string): void {
    const rows = [...(this.#rooms.get(key)?.rows.values() ?? [])]
    const users = new Set(rows.map(([, clientId, , , , , , user]) => user?.id ?? clientId))
    this.say(['c', key, users.size, rows.length])
  }

  taken(key: string, n: number): void {
    this.say(['k', key, n])
  }

  refuse(refusal: Refusal): void {
    this.say(['refused', refusal])
  }

  authed(id: number, user: PresenceUser | null = null): void {
    this.say(this.lifeMs === null ? ['authed', id, user] : ['authed', id, user, this.#nowMs() + this.lifeMs])
  }

  /** The token that let the client in has ended. */
  endToken(): void {
    this.refuse({ event: 'connect', code: 'token-expired', message: 'The token has ended.', canRetry: true })
    this.drop()
  }

  /** Any message to the client. */
  say(message: ServerMessage): void {
    this.#events?.onPacket()
    // The copy is what a network would deliver: nothing shared.
    this.#events?.onMessage(JSON.parse(JSON.stringify(message)) as Message)
  }

  /** A ping. */
  packet(): void {
    this.#events?.onPacket()
  }

  /** The connection is lost. */
  drop(): void {
    const events = this.#events
    this.#events = null
    events?.onClose()
  }

  /** The server starts anew and remembers nothing. */
  restart(epoch: string): void {
    this.drop()
    this.epoch = epoch
    this.#rooms.clear()
  }

  #receive(message: Message): void {
    const parsed = parseClientMessage(JSON.parse(JSON.stringify(message)) as Message)
    this.received.push(parsed)
    if (!this.answers) return
    if (parsed[0] === 'enter') this.snapshot(parsed[1])
    else if (parsed[0] === 'count') this.count(parsed[1])
    else if (parsed[0] === 't') this.say(['t', parsed[1], this.#nowMs()])
    else if (parsed[0] === 'p') for (const row of parsed[1]) this.#takePut(row)
    else if (parsed[0] === 'l') this.#takeLeave(this.#keyOf(parsed[1]), parsed[2])
    else if (parsed[0] === 'auth') this.authed(parsed[1], parsed[2].user ?? null)
  }

  #takePut([ref, n, ttlMs, held, data]: PutRow): void {
    const handshake = this.handshakes.at(-1)
    if (!handshake) return
    const room = this.#room(this.#keyOf(ref))
    const lease: [number, number] = held ? [0, ttlMs] : [this.#nowMs() + ttlMs, 0]
    this.#putRow(room, handshake.clientId, n, data, lease, this.#nowMs(), handshake.user)
  }

  #takeLeave(key: string, n: number): void {
    const clientId = this.handshakes.at(-1)?.clientId
    if (clientId !== undefined) this.remove(key, clientId)
    this.taken(key, n)
  }

  #putRow(
    room: ScriptedRoom,
    clientId: number,
    n: number,
    data: unknown,
    [expiresAtMs, heldTtlMs]: [number, number],
    joinedAtMs: number,
    user?: PresenceUser,
  ): void {
    const before = room.rows.get(clientId)
    const slot = before?.[0] ?? room.nextSlot++
    const row = entryRow(slot, clientId, n, data, expiresAtMs, heldTtlMs, before?.[6] ?? joinedAtMs, user)
    room.rows.set(clientId, row)
    this.#delta(room, [], [], [row], [])
  }

  #delta(room: ScriptedRoom, ...[updates, gone, joins, leases]: Rows): void {
    const from = room.version++
    this.say(['d', room.number, from, room.version, updates, gone, joins, leases])
  }

  #room(key: string): ScriptedRoom {
    let room = this.#rooms.get(key)
    if (!room) {
      room = { key, number: this.#rooms.size + 1, version: 1, nextSlot: 1, rows: new Map() }
      this.#rooms.set(key, room)
    }
    return room
  }

  #keyOf(ref: RoomRef): string {
    if (typeof ref === 'string') return ref
    return [...this.#rooms.values()].find(({ number }) => number === ref)?.key ?? String(ref)
  }
}

type Delta = Extract<ServerMessage, readonly ['d', ...unknown[]]>
type Rows = [Delta[4], NonNullable<Delta[5]>, NonNullable<Delta[6]>, NonNullable<Delta[7]>]

function entryRow(
  ...[slot, clientId, n, data, expiresAtMs, heldTtlMs, joinedAtMs, user]: [
    number,
    number,
    number,
    unknown,
    number,
    number,
    number,
    PresenceUser | undefined,
  ]
): EntryRow {
  return user
    ? [slot, clientId, n, data, expiresAtMs, heldTtlMs, joinedAtMs, user]
    : [slot, clientId, n, data, expiresAtMs, heldTtlMs, joinedAtMs]
}
