import { hashVersions, parseHandshake, PresenceError, protocolVersion } from '@app/protocol'
import type { Clock, DefinedRooms, Hello } from '@app/protocol'
import type { AdminToken } from './admin-token.ts'
import { admit, type Knock, type Policy } from './admission.ts'
import { createIdentify, type Authenticate } from './authenticate.ts'
import { Clients } from './clients.ts'
import { Bans } from './bans.ts'
import { Connection, type Admission, type Services } from './connection.ts'
import { createCounters, type Counters } from './counters.ts'
import { Crowd, type CrowdLimits } from './crowd.ts'
import { dataCheckOf } from './data-check.ts'
import { Entries } from './entries.ts'
import type { Fence } from './fence.ts'
import { middlingLoad } from './flush-time.ts'
import { Hub } from './hub.ts'
import { expiresAtMs } from './lease.ts'
import type { Logger } from './logger.ts'
import { checkEnd, endOf } from './login.ts'
import type { Standing } from './metrics.ts'
import { basePlace, keyOf, tenantOf } from './place.ts'
import type { PutRates } from './put-queue.ts'
import { reconnectWindowMs } from './reconnect-window.ts'
import { slowClient, tokenExpired } from './refusals.ts'
import { RefusalLog } from './refusal-log.ts'
import { repeat } from './repeat.ts'
import { firstPlaces, type RoomQuery } from './room-list.ts'
import { countOf, type Count, type Entry } from './room.ts'
import { ServerClock } from './server-clock.ts'
import { StallWatch } from './stall-watch.ts'
import { storedDeadlineMs, type EntryName, type PresenceStore, type StoredEntry } from './store.ts'
import { Sweeper } from './sweeper.ts'
import type { Link, Transport } from './transport.ts'
import { WriteBehind } from './write-behind.ts'
import { putWritten, type WrittenPut } from './written-entry.ts'

export interface CoreOptions {
  readonly clock: Clock
  readonly store: PresenceStore
  readonly transport: Transport
  readonly logger: Logger
  readonly auth: Authenticate | undefined
  /** Default: nobody may watch all rooms. */
  readonly admin?: AdminToken | undefined
  readonly policy: Policy
  readonly restart: 'fresh' | 'resume'
  readonly graceMs: number
  readonly heldTtlMinMs: number
  readonly persistMs: number
  readonly flushMs: number
  /** The window that a drain names; undefined: the same as in a hello. */
  readonly drainMs: number | undefined
  readonly dataBytes: number
  readonly keyBytes: number
  /** Which data belong into which rooms. Default: any into any. */
  readonly rooms?: DefinedRooms | undefined
  readonly roomClients: number
  readonly userEntries: number
  readonly putRates: PutRates
  readonly roomsMax: number
  readonly crowdLimits: CrowdLimits
  readonly messagesPerSecond: number
  readonly badMessagesMax: number
  readonly handshakeMs: number
  /** How many proxies are believed. */
  readonly trustProxy: number
  /** The share of time in which the process was busy since the last call, from 0 to 1. */
  readonly measureLoad?: (() => number) | undefined
  /** Where it counts what happens. */
  readonly counters?: Counters | undefined
  /** Whether the log says from where clients come. */
  readonly logAddresses?: boolean | undefined
}

/** How a room stands. */
export interface RoomStanding extends Count {
  readonly place: string
  /** Connections that hear all of it. */
  readonly listeners: number
}

const loadEveryMs = 1_000
const leftOutEveryMs = 60_000
const forgetEveryMs = 60 * 60 * 1_000
// Within a minute each connection is told the hash of its versions (S2): a part of them each time, not all at once.
const checkEveryMs = 5_000
const checkParts = 11

/** The whole server below its sockets: links and time come from outside, so a test can drive it by hand. */
export class PresenceCore {
  readonly epoch: string
  readonly #options: CoreOptions
  readonly #serverClock: ServerClock
  readonly #stallWatch: StallWatch
  readonly #sweeper: Sweeper<Entry>
  readonly #writeBehind: WriteBehind
  readonly #services: Services
  readonly #connections = new Map<number, Connection>()
  readonly #cancels: readonly (() => void)[]
  readonly #run: number
  #hellos = 0
  #isDraining = false
  #isProxyTold = false
  #checks = 0
  #seenSavedAtMs = 0
  /** The time of the present turn: nothing that one message brings about takes long enough to look again. */
  #turnMs: number | null = null

  /** Opens the store; throws what it throws. */
  constructor(options: CoreOptions) {
    const {
      clock,
      store,
      transport,
      logger,
      graceMs,
      heldTtlMinMs,
      persistMs,
      flushMs,
      dataBytes,
      keyBytes,
      putRates,
      roomsMax,
      crowdLimits,
      messagesPerSecond,
      badMessagesMax,
    } = options
    this.#options = options
    const { counters = createCounters(), logAddresses = false } = options
    this.#serverClock = new ServerClock(clock)
    const nowMs = (): number => this.#turnMs ?? this.#serverClock.nowMs()
    const turn = (run: () => void): void => this.#turn(run)
    const startedAtMs = nowMs()
    const opened = store.open({ restart: options.restart, nowMs: startedAtMs })
    this.epoch = opened.epoch
    this.#run = opened.run

    const hub = new Hub({
      clock,
      nowMs,
      turn,
      transport,
      epoch: opened.epoch,
      flushMs,
      counters,
      tooSlow: (link) => this.#endSlow(link),
    })
    const check = (entry: Entry, atMs: number): number | undefined => entries.check(entry, atMs)
    this.#sweeper = new Sweeper<Entry>({ clock, nowMs, check, wake: () => this.#turn(() => {}) })
    const save = (entry: Entry, when: 'next' | 'soon'): void => {
      if (entry.unsaved === 'next' || entry.unsaved === when) return
      entry.unsaved = when
      this.#writeBehind.saveEntry({ room: entry.room.place, clientId: entry.clientId }, when)
    }
    const { roomClients } = options
    // Where clients say who they are, limits of a user would only let one shut others out.
    const userEntries = options.auth ? options.userEntries : Infinity
    const entries = new Entries({
      hub,
      counters,
      sweeper: this.#sweeper,
      graceMs,
      heldTtlMinMs,
      roomClients,
      userEntries,
      save,
    })
    const clients = new Clients(opened.clients, (clientId) => this.#writeBehind.saveClient(clientId))
    this.#writeBehind = new WriteBehind({
      store,
      clock,
      logger,
      counters,
      persistMs,
      entry: (name) => storedEntry(entries, name),
      client: (clientId) => {
        const client = clients.find(clientId)
        // Of who is connected the last sign of life is with the connection.
        const seenAtMs = this.#connections.get(clientId)?.proof.seenAtMs ?? client?.seenAtMs ?? 0
        return client && { ...client, seenAtMs }
      },
    })
    const identify = createIdentify({
      auth: options.auth,
      adminToken: options.admin,
      logger,
      clock,
      mostMs: options.handshakeMs,
    })
    const onClose = (connection: Connection): void => this.#lost(connection)
    this.#services = {
      hub,
      entries,
      clients,
      crowd: new Crowd(options.auth ? crowdLimits : { ...crowdLimits, userConnections: Infinity }),
      bans: new Bans(),
      identify,
      logger,
      counters,
      refusalLog: new RefusalLog({ counters, logger, logAddresses }),
      dataBytes,
      checkData: options.rooms && dataCheckOf(options.rooms, logger),
      keyBytes,
      putRates,
      roomsMax,
      messagesPerSecond,
      badMessagesMax,
      clock,
      nowMs,
      turn,
      onClose,
    }

    clients.seenBy(startedAtMs)
    const byJoining = [...opened.entries].sort((a, b) => a.joinedAtMs - b.joinedAtMs)
    for (const stored of byJoining)
      entries.restore(stored, storedDeadlineMs(stored, clients.find(stored.clientId)), startedAtMs)
    this.#stallWatch = new StallWatch(clock, (stallMs) => this.#forgiveStall(stallMs))
    this.#cancels = [
      repeat(clock, heldTtlMinMs / 4, () => this.#turn(() => this.#saveSeen())),
      repeat(clock, leftOutEveryMs, () => this.#services.refusalLog.tellLeftOut()),
      repeat(clock, forgetEveryMs, () => this.#forget()),
      repeat(clock, loadEveryMs, () => hub.refresh(options.measureLoad?.() ?? middlingLoad)),
      repeat(clock, checkEveryMs, () => this.#turn(() => this.#check())),
    ]
    hub.settle()
  }

  get nowMs(): number {
    return this.#services.nowMs()
  }

  get connected(): number {
    return this.#connections.size
  }

  get isStoreFailing(): boolean {
    return this.#writeBehind.isFailing
  }

  get lagMs(): number {
    return this.#stallWatch.lagMs
  }

  standing(): Standing {
    const { hub } = this.#services
    const rooms = [...hub.rooms()]
    const entries = rooms.reduce((sum, room) => sum + room.entries.size, 0)
    const { isFailing: isStoreFailing, unwritten } = this.#writeBehind
    const { load, slow } = hub
    return { connections: this.connected, slow, rooms: rooms.length, entries, load, unwritten, isStoreFailing }
  }

  /** Decides whether a client is let in, and as whom; throws the `PresenceError` that refuses it. */
  async admit(auth: unknown, knock: Knock): Promise<Admission> {
    try {
      return await this.#letIn(auth, knock)
    } catch (error) {
      const { clientId } = (auth ?? {}) as { readonly clientId?: unknown }
      const known = typeof clientId === 'number' ? clientId : undefined
      this.#services.refusalLog.refused(error, { clientId: known, address: knock.address, event: 'connect' })
      throw error
    }
  }

  async #letIn(auth: unknown, knock: Knock): Promise<Admission> {
    // Before anything is waited for: a slow answer about an older connection must not make it the newer one (L6).
    const fence: Fence = { run: this.#run, counter: ++this.#hellos }
    admit(knock, this.#options.policy)
    this.#warnOfProxy(knock)
    const { clientId, secret, ...credentials } = parseHandshake(auth)
    const { identify, crowd, clients, clock } = this.#services
    crowd.checkAddress(clientId, knock.address)
    const identity = await identify(clientId, credentials, knock)
    if (this.#isDraining) throw draining()
    checkEnd(identity, clock.wallMs())
    crowd.check({ clientId, identity, address: knock.address })
    clients.bind(clientId, secret, identity.user?.id, fence, this.nowMs)
    // Only an auth function may look at the headers again.
    return { clientId, identity, fence, knock: this.#options.auth ? knock : { ...knock, headers: {} } }
  }

  /** A client that was let in is connected. Its link's events go to what is returned. */
  connect(link: Link, admission: Admission): Connection {
    const connection = new Connection(this.#services, link, admission)
    // It was let in just before the server began to stop, or after a newer connection of the same client.
    if (this.#isDraining || !this.#services.clients.pass(admission.clientId, admission.fence)) {
      connection.end()
      link.close()
      return connection
    }
    const { entries, clients, crowd } = this.#services
    try {
      // Others may have come since it was let in.
      crowd.check(connection)
    } catch (error) {
      connection.dismiss(error as PresenceError)
      return connection
    }
    this.#turn(() => {
      const older = this.#connections.get(connection.clientId)
      if (older) crowd.leave(older)
      older?.end()
      older?.link.close()
      this.#connections.set(connection.clientId, connection)
      crowd.join(connection)
      this.#services.counters.connectionsOpened++
      const { clientId, address } = connection
      this.#options.logger.debug({ clientId, ...(this.#options.logAddresses && { address }) }, 'A client has come.')
      clients.setUser(connection.clientId, connection.user?.id)
      entries.hold(connection.clientId, connection.proof)
      entries.setUser(connection.clientId, connection.user)
      connection.leaveForbidden()
      link.send(['hello', this.#hello(connection)])
    })
    return connection
  }

  /** What is in a room now, by `joinedAtMs`. */
  entries(place: string): readonly Entry[] {
    this.#turn(() => {})
    return [...(this.#services.hub.find(place)?.entries.values() ?? [])]
  }

  /** Up to which delta the listeners of a room were told; 0 where there is none. */
  version(place: string): number {
    return this.#services.hub.find(place)?.version ?? 0
  }

  /** Some of the rooms that somebody is in or listens to, in the order of their keys. */
  rooms(query: RoomQuery): readonly RoomStanding[] {
    const { hub } = this.#services
    this.#turn(() => {})
    const places = [...hub.rooms()].map((room) => room.place)
    return firstPlaces(places, query).map((place) => ({
      place,
      ...countOf(hub.find(place)?.entries.values() ?? []),
      listeners: hub.listeners(place),
    }))
  }

  /**
   * Places an entry that has no client. Undefined: there is none of that id to put again. Throws `draining`, `bad-data`,
   * `bad-schema`, `room-full` and `too-many-rooms`.
   */
  putWritten(place: string, put: WrittenPut): Entry | undefined {
    if (this.#isDraining) throw draining()
    const { entries, checkData } = this.#services
    checkData?.(keyOf(place), put.data)
    return this.#turn(() => putWritten(entries, place, put, this.nowMs))
  }

  /** Takes an entry away that has no client, as if it had left. Returns whether there was one. */
  removeWritten(place: string, clientId: number): boolean {
    return this.#turn(() => this.#services.entries.remove(place, clientId, 'left'))
  }

  /**
   * Takes a client's entries of a room away, those of its cursors and its typing too, and tells it why. It may not come back
   * for `banMs`; with 0 it may, also after an earlier kick. Returns whether there was one: of who is not there nobody is kept out.
   */
  kick(place: string, clientId: number, banMs: number): boolean {
    const { entries, bans } = this.#services
    const room = basePlace(place)
    let isKicked = false
    this.#turn(() => {
      if (banMs === 0) bans.lift(room, clientId)
      const connection = this.#connections.get(clientId)
      for (const each of entries.of(clientId).map((entry) => entry.room.place)) {
        if (basePlace(each) !== room) continue
        isKicked = true
        entries.remove(each, clientId, 'kicked')
        if (connection?.identity.tenant === tenantOf(each)) connection?.tellKicked(keyOf(each), banMs)
      }
      if (isKicked && banMs > 0) bans.add(room, clientId, this.nowMs + banMs)
    })
    return isKicked
  }

  /** Ends connections as if their tokens had ended, so that they have to say anew who they are; returns how many. */
  disconnect(isMeant: (connection: Connection) => boolean): number {
    const meant = [...this.#connections.values()].filter(isMeant)
    for (const connection of meant) connection.dismiss(tokenExpired())
    return meant.length
  }

  /** From now on nobody new is let in; those who are here are told to come back later. */
  drain(): void {
    this.#isDraining = true
    this.#services.hub.flushAll()
    const windowMs = this.#options.drainMs ?? this.#windowMs()
    for (const { link } of this.#connections.values()) link.send(['drain', windowMs])
  }

  /**
   * Writes what is to be kept, closes the store and hears nobody any more. Entries stay as they are on disk, for a resume.
   * Only what the store takes its time for is a promise, which never rejects.
   */
  close(): void | Promise<void> {
    this.#isDraining = true
    for (const cancel of this.#cancels) cancel()
    this.#services.refusalLog.tellLeftOut()
    this.#stallWatch.stop()
    this.#sweeper.stop()
    for (const { clientId, proof } of this.#connections.values())
      this.#services.clients.lastSeen(clientId, proof.seenAtMs)
    const written = this.#writeBehind.close()
    for (const connection of this.#connections.values()) connection.end()
    this.#services.hub.stop()
    return written
  }

  /** Everything that comes from outside is a turn: what is due is done first, and in the end rooms are told. */
  #turn<T>(run: () => T): T {
    // One that comes within another is a part of it.
    if (this.#turnMs !== null) return run()
    this.#turnMs = this.#serverClock.nowMs()
    try {
      this.#stallWatch.notice()
      this.#sweeper.sweep(this.#turnMs)
      try {
        return run()
      } finally {
        this.#services.hub.settle()
      }
    } finally {
      this.#turnMs = null
    }
  }

  #lost(connection: Connection): void {
    const { clientId, proof } = connection
    // It was let in and then not counted: there may be another one that is.
    if (this.#connections.get(clientId) !== connection) return
    this.#connections.delete(clientId)
    this.#options.logger.debug({ clientId }, 'A client has gone.')
    this.#services.crowd.leave(connection)
    this.#services.clients.lastSeen(clientId, proof.seenAtMs)
    this.#services.entries.lose(clientId, this.nowMs)
  }

  #hello({ user, identity }: Connection): Hello {
    const [expiresAtMs] = endOf(identity, this.#services.clock.wallMs(), this.nowMs)
    const { heldTtlMinMs, flushMs, dataBytes, keyBytes } = this.#options
    return {
      v: protocolVersion,
      epoch: this.epoch,
      nowMs: this.nowMs,
      user: user ?? null,
      heldTtlMinMs,
      windowMs: this.#windowMs(),
      sendMs: flushMs,
      dataBytes,
      keyBytes,
      ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
    }
  }

  #windowMs(): number {
    return reconnectWindowMs(this.connected, this.#options.graceMs)
  }

  /** Once: a proxy that nobody has named makes one visitor of all who come through it. */
  #warnOfProxy({ isForwarded }: Knock): void {
    if (!isForwarded || this.#options.trustProxy > 0 || this.#isProxyTold) return
    this.#isProxyTold = true
    this.#options.logger.warn(
      {},
      'Requests come through a proxy whose headers are not believed, so its visitors count as one address. Set trustProxy (--trust-proxy, PRESENCE_TRUST_PROXY) to the number of proxies.',
    )
  }

  #forgiveStall(stallMs: number): void {
    this.#services.counters.stalls++
    this.#options.logger.warn({ stallMs }, 'The server stood still for a while. Nobody is blamed for it.')
    const { nowMs } = this
    // A packet may come before the stall is noticed: who was seen just now is owed nothing.
    for (const { proof } of this.#connections.values()) proof.seenAtMs = Math.min(proof.seenAtMs + stallMs, nowMs)
    this.#services.entries.extendGrace(stallMs)
    this.#services.hub.extendPatience(stallMs)
  }

  /** Tells a part of the connections the hash of their versions, and lets go of those who are too slow. */
  #check(): void {
    const { hub } = this.#services
    const part = this.#checks++ % checkParts
    for (const { clientId, link } of this.#connections.values()) {
      if (clientId % checkParts !== part || hub.isBehind(link)) continue
      const versions = hub.versions(link)
      if (versions.length > 0) link.send(['v', hashVersions(versions)])
    }
    hub.dropSlow()
  }

  /** It comes back with a snapshot, which is smaller than what waits for it. What it held is in its grace. */
  #endSlow(link: Link): void {
    const connection = [...this.#connections.values()].find((each) => each.link === link)
    if (!connection) return
    connection.dismiss(slowClient())
  }

  /** Those who were silent since the last time are written already. */
  #saveSeen(): void {
    const { nowMs } = this
    const seen: number[] = []
    for (const { clientId, proof } of this.#connections.values())
      if (proof.seenAtMs >= this.#seenSavedAtMs) seen.push(clientId)
    this.#seenSavedAtMs = nowMs
    this.#writeBehind.saveSeen(seen)
  }

  #forget(): void {
    this.#services.bans.forget(this.nowMs)
    this.#writeBehind.forgetClients(
      this.#services.clients.forget(this.nowMs, (clientId) => this.#connections.has(clientId)),
    )
  }
}

function draining(): PresenceError {
  return new PresenceError('draining', 'The server is stopping. Come back in a moment.', { canRetry: true })
}

function storedEntry(entries: Entries, { room, clientId }: EntryName): StoredEntry | undefined {
  const entry = entries.find(room, clientId)
  if (!entry) return undefined
  entry.unsaved = undefined
  const { user, json, lease, n, joinedAtMs } = entry
  const isHeld = lease.kind !== 'timed'
  return { room, clientId, user, json, ttlMs: lease.ttlMs, isHeld, expiresAtMs: expiresAtMs(lease), n, joinedAtMs }
}
