import { baseKey, parseClientMessage, parseRoomKey, PresenceError } from '@app/protocol'
import type { ClientMessage, Clock, Credentials, Message, PresenceUser, PutRow, RoomRef } from '@app/protocol'
import type { Knock } from './admission.ts'
import type { Identify, Known } from './authenticate.ts'
import type { Bans } from './bans.ts'
import type { Clients } from './clients.ts'
import type { Entries, Putter, Wish } from './entries.ts'
import type { Crowd } from './crowd.ts'
import type { Fence } from './fence.ts'
import type { Hub } from './hub.ts'
import type { Proof } from './lease.ts'
import type { Logger } from './logger.ts'
import { keyOf, placeOf, tenantOf } from './place.ts'
import { Bucket } from './bucket.ts'
import { RoomNumbers } from './room-numbers.ts'
import { PutQueue, type PutRates } from './put-queue.ts'
import { Taken } from './taken.ts'
import type { Link, LinkEvents } from './transport.ts'
import { wireJson } from './wire-data.ts'

/** What a connection works with; it is the same for all of them. */
export interface Services {
  readonly hub: Hub
  readonly entries: Entries
  readonly clients: Clients
  readonly crowd: Crowd<Connection>
  readonly bans: Bans
  readonly identify: Identify
  readonly logger: Logger
  readonly dataBytes: number
  readonly keyBytes: number
  readonly putRates: PutRates
  /** In how many rooms one connection may be; derived keys are not counted. */
  readonly roomsMax: number
  readonly messagesPerSecond: number
  /** After so many messages that are none, a connection is ended. */
  readonly badMessagesMax: number
  readonly clock: Clock
  readonly nowMs: () => number
  readonly turn: (run: () => void) => void
  readonly onClose: (connection: Connection) => void
}

/** A client that has been let in. */
export interface Admission {
  readonly clientId: number
  readonly identity: Known
  readonly knock: Knock
  readonly fence: Fence
}

type Reply = (answer: unknown) => void
/** What a refusal was about. */
type About = { readonly room?: string; readonly n?: number; readonly id?: number }

// Somebody may have left by then.
const roomsRetryMs = 5_000
const floodRetryMs = 5_000
// Timers of Node know no longer time.
const timerMaxMs = 2 ** 31 - 1
// What a connection may have entered and exited again, and still means by a number.
const numbersPerRoom = 8
// A room, its cursors and its typing.
const waitingPerRoom = 3
// Whoever asks for so much and reads none of it is not served for ever.
const unreadMaxBytes = 16_000_000
// Each may be a question to the application's database.
const loginsMax = 5

/** One client at the server: its messages in, refusals out. */
export class Connection implements LinkEvents, Putter {
  readonly clientId: number
  readonly link: Link
  readonly proof: Proof
  readonly #services: Services
  readonly #knock: Knock
  readonly #numbers: RoomNumbers
  #identity: Known
  #cancelEnd: () => void = () => {}
  readonly #messages: Bucket
  #badMessages = 0
  #logins = 0
  readonly #puts: PutQueue<Wish>
  readonly #taken: Taken
  #isOver = false
  /** Log-ins are answered in the order in which they were asked for. */
  #login: Promise<void> = Promise.resolve()

  constructor(services: Services, link: Link, { clientId, identity, knock }: Admission) {
    this.#services = services
    this.link = link
    this.clientId = clientId
    this.proof = { seenAtMs: services.nowMs() }
    this.#identity = identity
    this.#numbers = new RoomNumbers(services.roomsMax * numbersPerRoom)
    this.#knock = knock
    this.#taken = new Taken(services.clock, (place, n) => link.send(['k', keyOf(place), n]))
    this.#messages = new Bucket(services.messagesPerSecond, services.nowMs())
    this.#puts = new PutQueue({
      rates: services.putRates,
      clock: services.clock,
      nowMs: services.nowMs,
      turn: services.turn,
      take: (place, wish) => this.#place(place, wish),
      // Its acknowledgement was given when it began to wait.
      waitingMax: services.roomsMax * waitingPerRoom,
      refuse: (place, { n }, error) => this.#refuse('p', error, { room: keyOf(place), n }, undefined),
      tell: (place) => this.#tellRate(keyOf(place)),
    })
    this.#awaitEnd()
  }

  get user(): PresenceUser | undefined {
    return this.#identity.user
  }

  get identity(): Known {
    return this.#identity
  }

  get address(): string | undefined {
    return this.#knock.address
  }

  onPacket(): void {
    this.proof.seenAtMs = this.#services.nowMs()
  }

  onMessage(message: Message, reply?: Reply): void {
    if (this.#isOver) return
    // Before the turn, which begins with whose time is over.
    this.onPacket()
    if (!this.#takeMessage()) return
    this.#services.turn(() => {
      try {
        this.#take(parseClientMessage(message), reply)
      } catch (error) {
        this.#refuse(String(message[0]), error, {}, reply)
      }
    })
  }

  onOversized(maxBytes: number): void {
    this.dismiss(new PresenceError('too-large', `A message has at most ${maxBytes} bytes. Send less at once.`))
  }

  onDrained(): void {
    const { hub, turn } = this.#services
    if (!this.#isOver && hub.isBehind(this.link)) turn(() => hub.caughtUp(this.link))
  }

  onClose(): void {
    if (this.#isOver) return
    this.#stop()
    this.#services.turn(() => {
      this.#services.hub.exitAll(this.link)
      this.#services.onClose(this)
    })
  }

  /** Ends it from this side: nothing that still comes is listened to, and what it held is not given up. */
  end(): void {
    this.#stop()
    this.#services.hub.exitAll(this.link)
  }

  /** Ends it from this side as if it were lost, and says why. */
  dismiss(error: PresenceError): void {
    if (this.#isOver) return
    this.link.send(['refused', { ...error.toJSON(), event: 'connect' }])
    this.onClose()
    this.link.close()
  }

  #stop(): void {
    this.#isOver = true
    this.#cancelEnd()
    this.#puts.clear()
    this.#taken.stop()
  }

  #take(message: ClientMessage, reply: Reply | undefined): void {
    const { hub, entries, nowMs } = this.#services
    // What a put is answered with does not add up, unless it is refused.
    if (message[0] !== 'p' && this.link.unreadBytes() > unreadMaxBytes) return this.dismiss(slowClient())
    switch (message[0]) {
      case 'enter':
        return this.#enter(message[1], reply)
      case 'exit':
        hub.exit(this.link, this.#placeOf(message[1]))
        return reply?.(null)
      case 'count':
        return this.#count(message[1], reply)
      case 'uncount':
        hub.counts.remove(this.link, this.#placeOf(message[1]))
        return reply?.(null)
      case 'p':
        return this.#put(message[1], reply)
      case 'l':
        return this.#leave(message[1], message[2], reply)
      case 'bye':
        this.#puts.clear()
        entries.removeAll(this.clientId, 'left')
        return reply?.(null)
      case 'auth':
        return this.#authenticate(message[1], message[2], reply)
      case 't':
        this.link.send(['t', message[1], nowMs()])
        return reply?.(null)
    }
  }

  #enter(key: string, reply: Reply | undefined): void {
    const { hub } = this.#services
    try {
      const place = this.#readable(key)
      this.checkRooms(place)
      this.#numbers.tell(place, hub.open(place).number)
      hub.enter(this.link, place, () => reply?.(null))
    } catch (error) {
      this.#refuse('enter', error, { room: key }, reply)
    }
  }

  #count(key: string, reply: Reply | undefined): void {
    const { hub } = this.#services
    try {
      const place = this.#readable(key)
      this.checkRooms(place)
      hub.counts.add(this.link, place)
      reply?.(null)
    } catch (error) {
      this.#refuse('count', error, { room: key }, reply)
    }
  }

  #put(puts: readonly PutRow[], reply: Reply | undefined): void {
    let isAnswered = false
    let isRefused = false
    for (const row of puts) {
      try {
        this.#putOne(row)
      } catch (error) {
        // A refusal is longer than what is refused, and takes longer: each but the first is another message.
        if (isRefused && !this.#takeMessage()) return
        isRefused = true
        // One acknowledgement has room for one error.
        this.#refuse('p', error, { ...this.#about(row[0]), n: row[1] }, isAnswered ? undefined : reply)
        isAnswered = reply !== undefined
        if (this.#isOver) return
      }
    }
    if (!isAnswered) reply?.(null)
  }

  #putOne([ref, n, ttlMs, held, data]: PutRow): void {
    const json = wireJson(data, this.#services.dataBytes)
    this.#puts.offer(this.#refPlace(ref), { n, ttlMs, isHeld: held === 1, data, json })
  }

  /** What waited for a slot is looked at again: permissions may have changed meanwhile. */
  #place(place: string, wish: Wish): void {
    const { hub, entries, bans, nowMs } = this.#services
    const key = keyOf(place)
    if (!this.#identity.permissions.mayWrite(key)) throw notAllowed('write', key)
    bans.check(place, this.clientId, nowMs())
    const isTold = entries.put(place, wish, this, nowMs())
    if (!isTold || !hub.isListening(this.link, place)) this.#taken.add(place, wish.n)
  }

  /** Throws `too-many-rooms` when it is not in the room and may be in no more. Whatever it has to do with a room counts. */
  checkRooms(place: string): void {
    const { hub, entries, roomsMax } = this.#services
    const own = entries.of(this.clientId)
    const [entered, counted] = [hub.places(this.link), hub.counts.places(this.link)]
    // Not worth a closer look: even if all of them were of different rooms.
    if (own.length + entered.length + counted.length < roomsMax) return
    const places = [...entered, ...counted, ...own.map(({ room }) => room.place)]
    const rooms = new Set(places.map((each) => baseKey(keyOf(each))))
    const key = keyOf(place)
    if (rooms.size < roomsMax || rooms.has(baseKey(key))) return
    throw new PresenceError(
      'too-many-rooms',
      `This connection is in ${roomsMax} rooms, which is as many as it may be. Leave one before you come into another.`,
      { canRetry: true, retryAfterMs: roomsRetryMs, room: key },
    )
  }

  /** Nothing is refused: only the newest put of each room waits for its turn (A3). */
  #tellRate(key: string): void {
    const { perRoom, perConnection } = this.#services.putRates
    const sentence = `Puts come faster than ${perRoom} a second into one room, or ${perConnection} a second into all. The newest waits for the next free slot.`
    const error = new PresenceError('rate-limited', sentence, { canRetry: true, room: key })
    this.link.send(['refused', { ...error.toJSON(), event: 'rate' }])
  }

  #leave(ref: RoomRef, n: number, reply: Reply | undefined): void {
    let place
    try {
      place = this.#refPlace(ref)
    } catch (error) {
      return this.#refuse('l', error, { ...this.#about(ref), n }, reply)
    }
    this.#puts.withdraw(place, n)
    this.#services.entries.leave(place, this.clientId, n)
    this.#taken.drop(place, n)
    this.link.send(['k', keyOf(place), n])
    reply?.(null)
  }

  #authenticate(id: number, credentials: Credentials, reply: Reply | undefined): void {
    const { identify, crowd, nowMs, turn } = this.#services
    if (this.#logins >= loginsMax) {
      const sentence = `${loginsMax} log-ins of this connection are under way. Wait for their answers.`
      return this.#refuse('auth', new PresenceError('rate-limited', sentence, { canRetry: true }), { id }, reply)
    }
    this.#logins++
    const login = async (): Promise<void> => {
      try {
        const identity = await identify(this.clientId, credentials, this.#knock)
        if (this.#isOver) return
        checkEnd(identity, nowMs())
        crowd.check(this.clientId, { identity, address: this.address })
        turn(() => {
          const isElsewhere = identity.tenant !== this.#identity.tenant
          this.#become(identity)
          this.link.send(['authed', id, identity.user ?? null, ...endOf(identity)])
          reply?.(null)
          if (isElsewhere) this.#moveOut()
          else this.#withdraw()
        })
      } catch (error) {
        if (!this.#isOver) this.#refuse('auth', error, { id }, reply)
      } finally {
        this.#logins--
      }
    }
    this.#login = this.#login.then(login)
  }

  #become(identity: Known): void {
    const { clients, crowd, entries } = this.#services
    this.#identity = identity
    crowd.join(this)
    clients.setUser(this.clientId, identity.user?.id)
    entries.setUser(this.clientId, identity.user)
    this.#awaitEnd()
  }

  /** It is another tenant's now, and its keys mean other rooms: it comes back as it would to another server. */
  #moveOut(): void {
    this.#services.entries.removeAll(this.clientId, 'left')
    this.onClose()
    this.link.close()
  }

  /** The operator took its entry away: its tracks of the room are over. */
  tellKicked(room: string): void {
    this.#refuse(
      'kick',
      new PresenceError('kicked', `The operator took your entry in "${room}" away.`),
      { room },
      undefined,
    )
  }

  /** Takes away what the client has from an earlier connection and may not have on this one. */
  leaveForbidden(): void {
    const { tenant, permissions } = this.#identity
    const { entries } = this.#services
    for (const { room } of entries.of(this.clientId)) {
      if (tenantOf(room.place) !== tenant) entries.remove(room.place, this.clientId, 'left')
      else if (!permissions.mayWrite(room.key)) entries.remove(room.place, this.clientId, 'refused')
    }
  }

  /** Takes the client out of what it may not read or write any more (S5). */
  #withdraw(): void {
    const { hub, entries } = this.#services
    const { permissions } = this.#identity
    for (const place of hub.places(this.link)) {
      const room = keyOf(place)
      if (permissions.mayRead(room)) continue
      hub.exit(this.link, place)
      this.#refuse('enter', notAllowed('read', room), { room }, undefined)
    }
    for (const place of hub.counts.places(this.link)) {
      const room = keyOf(place)
      if (permissions.mayRead(room)) continue
      hub.counts.remove(this.link, place)
      this.#refuse('count', notAllowed('read', room), { room }, undefined)
    }
    for (const { room, n } of entries.of(this.clientId)) {
      if (permissions.mayWrite(room.key)) continue
      entries.remove(room.place, this.clientId, 'refused')
      this.#refuse('p', notAllowed('write', room.key), { room: room.key, n }, undefined)
    }
  }

  /** When what let it in ends, so does the connection. What it held waits for it as after any loss. */
  #awaitEnd(): void {
    this.#cancelEnd()
    const { clock, nowMs } = this.#services
    const leftMs = this.#identity.expiresAtMs - nowMs()
    if (leftMs === Infinity) return
    this.#cancelEnd = clock.after(Math.min(Math.max(0, leftMs), timerMaxMs), () => {
      if (nowMs() < this.#identity.expiresAtMs) this.#awaitEnd()
      else this.dismiss(tokenExpired())
    })
  }

  #placeOf(key: string): string {
    return placeOf(this.#identity.tenant, key)
  }

  /** The place of a key that it may read; throws `bad-key` or `not-allowed`. */
  #readable(key: string): string {
    parseRoomKey(key, this.#services.keyBytes)
    if (!this.#identity.permissions.mayRead(key)) throw notAllowed('read', key)
    return this.#placeOf(key)
  }

  #refPlace(ref: RoomRef): string {
    if (typeof ref === 'string') return this.#placeOf(parseRoomKey(ref, this.#services.keyBytes))
    const place = this.#numbers.place(ref)
    if (place === undefined) {
      throw new PresenceError(
        'bad-message',
        `No snapshot on this connection gave the room number ${ref}. Use the room's key.`,
      )
    }
    return place
  }

  #about(ref: RoomRef): About {
    if (typeof ref === 'string') return { room: ref }
    const place = this.#numbers.place(ref)
    return place === undefined ? {} : { room: keyOf(place) }
  }

  #refuse(event: string, error: unknown, about: About, reply: Reply | undefined): void {
    if (!(error instanceof PresenceError))
      this.#services.logger.error({ err: error, event }, 'A message could not be handled.')
    const known =
      error instanceof PresenceError ? error : new PresenceError('internal', 'The server failed.', { canRetry: true })
    const room = about.room ?? known.room
    const wire = { ...known.toJSON(), ...(room === undefined ? {} : { room: shorten(room, 300) }) }
    if (reply) reply(wire)
    else this.link.send(['refused', { ...about, ...wire, event: shorten(event, 40) }])
    if (this.link.unreadBytes() > unreadMaxBytes) return this.dismiss(slowClient())
    if (known.code === 'bad-message') this.#countBadMessage()
  }

  /** Whether one more message may be taken now; otherwise the connection is ended. */
  #takeMessage(): boolean {
    if (this.#messages.readyInMs(this.proof.seenAtMs) > 0) {
      const sentence = `Messages come faster than ${this.#services.messagesPerSecond} a second. Come back more slowly.`
      this.dismiss(new PresenceError('rate-limited', sentence, { canRetry: true, retryAfterMs: floodRetryMs }))
      return false
    }
    this.#messages.take()
    return true
  }

  /** One may be a mistake; who goes on is no client. */
  #countBadMessage(): void {
    if (++this.#badMessages < this.#services.badMessagesMax) return
    const sentence = `This connection sent ${this.#badMessages} messages that are not of the presence protocol.`
    this.dismiss(new PresenceError('bad-message', sentence))
  }
}

/** What a connection is told that does not read what it is sent. */
export function slowClient(): PresenceError {
  return new PresenceError('slow-client', 'This connection could not keep up. Come back for a snapshot.', {
    canRetry: true,
  })
}

/** Throws `token-expired` when it is over already. */
export function checkEnd({ expiresAtMs }: Known, nowMs: number): void {
  if (nowMs >= expiresAtMs) throw tokenExpired()
}

/** When it ends, as it is told to the client: nothing when it does not. */
export function endOf({ expiresAtMs }: Known): [expiresAtMs?: number] {
  return expiresAtMs === Infinity ? [] : [Math.floor(expiresAtMs)]
}

function tokenExpired(): PresenceError {
  return new PresenceError('token-expired', 'The token has ended. Come back with a new one.', { canRetry: true })
}

function notAllowed(what: 'read' | 'write', room: string): PresenceError {
  return new PresenceError('not-allowed', `This client may not ${what} "${shorten(room, 300)}".`, { room })
}

function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text
}
