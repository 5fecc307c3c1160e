import {
  defaultLimits,
  flushDefaultMs,
  hashVersions,
  heldTtlMinDefaultMs,
  parseClientMessage,
  parseHandshake,
  protocolVersion,
  ttlMinMs,
  type ClientMessage,
  type Handshake,
  type Message,
  type PresenceUser,
  type PutRow,
  type RoomRef,
} from '@app/protocol'
import type { Link } from './host.ts'
import { deadlineOf, MemoryRoom, type Entry, type Outcome, type Peer } from './memory-room.ts'

const never = Number.POSITIVE_INFINITY

// All of these are the real server's, by default.
const graceMs = 15_000
const windowMs = { min: 500, max: graceMs / 3, perClient: 5 }
const alonePaceMs = 1_000
const renewalDelayMaxMs = 1_000
const countEveryMs = 1_000
const takenEveryMs = 5_000
const checkEveryMs = 5_000
const checkParts = 11

/** A room with those who listen to it. */
interface Hall {
  readonly room: MemoryRoom
  readonly listeners: Set<Connection>
  readonly entering: Set<Connection>
  flushedAtMs: number
  /** When it is to be told what changed. */
  dueAtMs: number
  paceMs: number
}

/** A room that somebody counts. */
interface Counted {
  readonly connections: Set<Connection>
  count: ReturnType<MemoryRoom['count']>
  countedAtMs: number
  isStale: boolean
}

interface Connection extends Peer {
  readonly link: Link
  /** Puts that no delta confirms: the newest of each room, told together. */
  readonly taken: Map<string, number>
  takenAtMs: number
}

/**
 * A presence server of which nothing is kept and nothing is limited: whoever comes is let in as who they say they are. It
 * speaks like the real one, and does so at the same moments. Time is an argument: whoever calls it also calls `run` when
 * `dueAtMs` has come.
 */
export class MemoryServer {
  readonly epoch: string
  readonly #halls = new Map<string, Hall>()
  readonly #counted = new Map<string, Counted>()
  readonly #connections = new Map<number, Connection>()
  #checkAtMs: number
  #checks = 0

  constructor(epoch: string, nowMs: number) {
    this.epoch = epoch
    this.#checkAtMs = nowMs + checkEveryMs
  }

  /** When `run` is to be called. */
  get dueAtMs(): number {
    let dueAtMs = this.#checkAtMs
    for (const hall of this.#halls.values()) {
      dueAtMs = Math.min(dueAtMs, hall.dueAtMs)
      // Expired is later than the deadline, not at it (P2).
      for (const entry of hall.room.entries.values()) dueAtMs = Math.min(dueAtMs, deadlineOf(entry) + 1)
    }
    for (const { isStale, countedAtMs } of this.#counted.values())
      if (isStale) dueAtMs = Math.min(dueAtMs, countedAtMs + countEveryMs)
    for (const { taken, takenAtMs } of this.#connections.values())
      if (taken.size > 0) dueAtMs = Math.min(dueAtMs, takenAtMs + takenEveryMs)
    return dueAtMs
  }

  /** Does what is due. */
  run(nowMs: number): void {
    this.#turn(nowMs, () => {
      for (const connection of this.#connections.values()) this.#tellTaken(connection, nowMs)
      if (nowMs < this.#checkAtMs) return
      this.#checkAtMs = nowMs + checkEveryMs
      this.#check(this.#checks++ % checkParts)
    })
  }

  /** A client is there. A newer connection takes over. */
  connect(handshake: Handshake, link: Link, nowMs: number): Connection {
    const { clientId, user = null } = parseHandshake(handshake)
    const connection = { clientId, user, seenAtMs: nowMs, link, taken: new Map<string, number>(), takenAtMs: -never }
    this.#turn(nowMs, () => {
      const older = this.#connections.get(clientId)
      if (older) this.#forget(older)
      older?.link.close()
      this.#connections.set(clientId, connection)
      for (const [, entry] of this.#entriesOf(clientId)) if (entry.heldTtlMs > 0) entry.holder = connection
      this.#setUser(connection, user, nowMs)
      const spreadMs = Math.max(windowMs.min, this.#connections.size * windowMs.perClient)
      link.send([
        'hello',
        {
          v: protocolVersion,
          epoch: this.epoch,
          nowMs,
          user,
          heldTtlMinMs: heldTtlMinDefaultMs,
          windowMs: Math.min(windowMs.max, spreadMs),
          sendMs: flushDefaultMs,
          dataBytes: defaultLimits.dataBytes,
          keyBytes: defaultLimits.keyBytes,
        },
      ])
    })
    return connection
  }

  /** Takes a message of a connection that is there. */
  receive(connection: Connection, message: Message, nowMs: number): void {
    connection.seenAtMs = nowMs
    this.#turn(nowMs, () => this.#take(connection, parseClientMessage(message), nowMs))
  }

  /** The connection is lost: what it held ends soon, unless its client comes back (L3). */
  lose(connection: Connection, nowMs: number): void {
    this.#turn(nowMs, () => {
      this.#forget(connection)
      if (this.#connections.get(connection.clientId) !== connection) return
      this.#connections.delete(connection.clientId)
      for (const [, entry] of this.#entriesOf(connection.clientId)) {
        if (!entry.holder) continue
        entry.expiresAtMs = Math.min(deadlineOf(entry), nowMs + graceMs)
        entry.holder = null
      }
    })
  }

  /** Whatever happens is a turn: whose time is over goes first, and in the end rooms are told. */
  #turn(nowMs: number, run: () => void): void {
    const overdue = [...this.#halls.values()].flatMap((hall) =>
      [...hall.room.entries.values()]
        .filter((entry) => nowMs > deadlineOf(entry))
        .map((entry) => ({ hall, entry, atMs: deadlineOf(entry) })),
    )
    for (const { hall, entry } of overdue.sort((a, b) => a.atMs - b.atMs))
      this.#remove(hall, entry, entry.heldTtlMs > 0 ? 'lost' : 'expired', nowMs)
    run()
    for (const hall of this.#halls.values()) this.#settle(hall, nowMs)
    for (const [key, counted] of this.#counted) this.#tellCount(key, counted, nowMs)
  }

  #take(connection: Connection, message: ClientMessage, nowMs: number): void {
    const { clientId, link } = connection
    switch (message[0]) {
      case 'enter': {
        const hall = this.#hall(message[1])
        hall.entering.add(connection)
        this.#touch(hall, hall.room.hasChanges ? nextFlushMs(hall, nowMs) : nowMs)
        return
      }
      case 'exit':
        return this.#exit(this.#hall(message[1]), connection)
      case 'count':
        return this.#count(message[1], connection, nowMs)
      case 'uncount':
        return this.#uncount(message[1], connection)
      case 'p':
        for (const row of message[1]) this.#put(connection, row, nowMs)
        return
      case 'l': {
        const [, ref, n] = message
        const hall = this.#hall(ref)
        const entry = hall.room.entries.get(clientId)
        if (entry && n > entry.n) this.#remove(hall, entry, 'left', nowMs)
        if ((connection.taken.get(hall.room.key) ?? never) <= n) connection.taken.delete(hall.room.key)
        return link.send(['k', hall.room.key, n])
      }
      case 'bye':
        for (const [hall, entry] of this.#entriesOf(clientId)) this.#remove(hall, entry, 'left', nowMs)
        return
      case 'auth':
        this.#setUser(connection, message[2].user ?? null, nowMs)
        return link.send(['authed', message[1], connection.user])
      case 't':
        return link.send(['t', message[1], nowMs])
    }
  }

  #put(connection: Connection, [ref, n, ttlMs, held, data]: PutRow, nowMs: number): void {
    const hall = this.#hall(ref)
    const { room } = hall
    const old = room.entries.get(connection.clientId)
    const oldUser = old?.user
    const oldDeadlineMs = old ? deadlineOf(old) : 0
    // Only leases that calls may ask for hurry a busy room; shorter ones are what is left of them after a time offline.
    const oldTtlMs = old && old.heldTtlMs === 0 ? old.ttlMs : 0
    const isHeld = held === 1
    const put = { n, ttlMs: isHeld ? Math.max(ttlMs, heldTtlMinDefaultMs) : ttlMs, isHeld, data }
    const outcome = room.put(connection, put, nowMs)
    const entry = room.entries.get(connection.clientId) as Entry
    // Who has logged in anew counts as another, as at the real server.
    if (entry.user !== oldUser) this.#countChanged(room.key)
    if (outcome !== 'nothing') {
      const isShort = oldTtlMs < ttlMinMs || ttlMs < ttlMinMs
      const earlierMs = Math.min(oldDeadlineMs, deadlineOf(entry))
      this.#touch(hall, isShort ? nextFlushMs(hall, nowMs) : flushBefore(hall, outcome, earlierMs, nowMs))
    }
    if (room.isMarked(entry) && hall.listeners.has(connection)) return
    connection.taken.set(room.key, n)
    this.#tellTaken(connection, nowMs)
  }

  #setUser(connection: Connection, user: PresenceUser | null, nowMs: number): void {
    connection.user = user
    for (const [hall, entry] of this.#entriesOf(connection.clientId)) {
      if (JSON.stringify(entry.user) === JSON.stringify(user)) continue
      hall.room.setUser(entry, user)
      this.#touch(hall, nextFlushMs(hall, nowMs))
      this.#countChanged(hall.room.key)
    }
  }

  #remove(hall: Hall, entry: Entry, reason: 'left' | 'expired' | 'lost', nowMs: number): void {
    hall.room.remove(entry, reason)
    this.#touch(hall, nextFlushMs(hall, nowMs))
    this.#countChanged(hall.room.key)
  }

  #entriesOf(clientId: number): (readonly [Hall, Entry])[] {
    return [...this.#halls.values()].flatMap((hall) => {
      const entry = hall.room.entries.get(clientId)
      return entry ? [[hall, entry] as const] : []
    })
  }

  #hall(ref: RoomRef): Hall {
    const known =
      typeof ref === 'string'
        ? this.#halls.get(ref)
        : [...this.#halls.values()].find(({ room: { number } }) => number === ref)
    if (known) return known
    const key = String(ref)
    const hall: Hall = {
      room: new MemoryRoom(key, this.#halls.size + 1),
      listeners: new Set(),
      entering: new Set(),
      flushedAtMs: -never,
      dueAtMs: never,
      paceMs: flushDefaultMs,
    }
    this.#halls.set(key, hall)
    return hall
  }

  // ── Telling a room ──

  /** A room that nobody listens to has nothing to wait for: what changed is in the snapshot of who comes first. */
  #touch(hall: Hall, atMs: number): void {
    if (hall.listeners.size + hall.entering.size > 0) hall.dueAtMs = Math.min(hall.dueAtMs, atMs)
  }

  /** One delta for those who listen, then a snapshot for those who enter (S1). */
  #settle(hall: Hall, nowMs: number): void {
    const { room, listeners, entering } = hall
    if (hall.dueAtMs <= nowMs && listeners.size + entering.size > 0) {
      const delta = room.delta()
      if (delta) hall.flushedAtMs = nowMs
      if (delta) for (const { link } of listeners) link.send(delta)
      for (const connection of entering) {
        listeners.add(connection)
        connection.link.send(room.snapshot(this.epoch))
      }
      if (entering.size > 0) this.#setPace(hall)
      entering.clear()
    }
    if (hall.dueAtMs <= nowMs) hall.dueAtMs = never
    if (room.entries.size + listeners.size + entering.size > 0) return
    // An empty room is forgotten, with what nobody was there to hear. Whoever comes next begins anew.
    room.delta()
    hall.flushedAtMs = -never
    hall.dueAtMs = never
  }

  /** Who listens alone need not hurry. */
  #setPace(hall: Hall): void {
    const paceMs = hall.listeners.size === 1 ? alonePaceMs : flushDefaultMs
    if (paceMs === hall.paceMs) return
    hall.paceMs = paceMs
    for (const { link } of hall.listeners) link.send(['pace', hall.room.key, paceMs])
  }

  #exit(hall: Hall, connection: Connection): void {
    hall.entering.delete(connection)
    if (hall.listeners.delete(connection)) this.#setPace(hall)
  }

  #tellTaken(connection: Connection, nowMs: number): void {
    if (nowMs < connection.takenAtMs + takenEveryMs) return
    for (const [key, n] of connection.taken) connection.link.send(['k', key, n])
    if (connection.taken.size > 0) connection.takenAtMs = nowMs
    connection.taken.clear()
  }

  /** Tells a part of the connections the hash of their versions (S2). */
  #check(part: number): void {
    for (const connection of this.#connections.values()) {
      if (connection.clientId % checkParts !== part) continue
      const rooms = [...this.#halls.values()].filter((hall) => hall.listeners.has(connection)).map(({ room }) => room)
      if (rooms.length > 0) connection.link.send(['v', hashVersions(rooms)])
    }
  }

  #forget(connection: Connection): void {
    for (const hall of this.#halls.values()) this.#exit(hall, connection)
    for (const key of this.#counted.keys()) this.#uncount(key, connection)
    connection.taken.clear()
  }

  // ── Counting ──

  #count(key: string, connection: Connection, nowMs: number): void {
    let counted = this.#counted.get(key)
    if (!counted) {
      const { room } = this.#hall(key)
      counted = { connections: new Set(), count: room.count(), countedAtMs: nowMs, isStale: false }
      this.#counted.set(key, counted)
    }
    counted.connections.add(connection)
    connection.link.send(['c', key, counted.count.users, counted.count.clients])
  }

  #uncount(key: string, connection: Connection): void {
    const counted = this.#counted.get(key)
    counted?.connections.delete(connection)
    if (counted?.connections.size === 0) this.#counted.delete(key)
  }

  #countChanged(key: string): void {
    const counted = this.#counted.get(key)
    if (counted) counted.isStale = true
  }

  #tellCount(key: string, counted: Counted, nowMs: number): void {
    if (!counted.isStale || nowMs < counted.countedAtMs + countEveryMs) return
    const { users, clients } = this.#hall(key).room.count()
    const isOther = users !== counted.count.users || clients !== counted.count.clients
    Object.assign(counted, { count: { users, clients }, countedAtMs: nowMs, isStale: false })
    if (isOther) for (const { link } of counted.connections) link.send(['c', key, users, clients])
  }
}

/** A quiet room is told at once, a busy one when the pause after its last delta is over. */
function nextFlushMs({ flushedAtMs }: Hall, nowMs: number): number {
  return Math.max(nowMs, flushedAtMs + flushDefaultMs)
}

/** Before a deadline that runs: with the next delta, or half way to the deadline. Renewals alone are gathered. */
function flushBefore(hall: Hall, outcome: Outcome, deadlineMs: number, nowMs: number): number {
  const leftMs = Math.max(0, deadlineMs - nowMs)
  const fromMs = nowMs + (outcome === 'renewed' ? Math.floor(Math.min(renewalDelayMaxMs, leftMs / 2)) : 0)
  const atMs = nextFlushMs(hall, fromMs)
  return atMs < deadlineMs ? atMs : fromMs + Math.floor(Math.max(0, deadlineMs - fromMs) / 2)
}
