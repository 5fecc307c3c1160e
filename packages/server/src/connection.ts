import { baseKey, parseClientMessage, parseRoomKey, PresenceError } from '@app/protocol'
import type { ClientMessage, Clock, Credentials, Message, PresenceUser, PutRow, RoomRef } from '@app/protocol'
import type { Knock } from './admission.ts'
import type { Identify, Known } from './authenticate.ts'
import type { Bans } from './bans.ts'
import { Bucket } from './bucket.ts'
import type { Clients } from './clients.ts'
import type { Counters } from './counters.ts'
import type { Crowd } from './crowd.ts'
import type { DataCheck } from './data-check.ts'
import type { Entries, Putter, Wish } from './entries.ts'
import type { Fence } from './fence.ts'
import type { Hub } from './hub.ts'
import type { Proof } from './lease.ts'
import type { Logger } from './logger.ts'
import { endOf, Login } from './login.ts'
import { keyOf, placeOf, tenantOf } from './place.ts'
import { PutQueue, type PutRates } from './put-queue.ts'
import {
  kicked,
  notAllowed,
  putsWait,
  serverFailed,
  shorten,
  slowClient,
  tokenExpired,
  tooLongMessage,
  tooManyBadMessages,
  tooManyMessages,
  tooManyRooms,
  unknownRoom,
} from './refusals.ts'
import type { RefusalLog } from './refusal-log.ts'
import { RoomNumbers } from './room-numbers.ts'
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
  readonly counters: Counters
  readonly refusalLog: RefusalLog
  readonly dataBytes: number
  /** Undefined when any data may be put into any room. */
  readonly checkData: DataCheck | undefined
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

const events = new Set(['enter', 'exit', 'count', 'uncount', 'p', 'l', 'bye', 'auth', 't', 'kick', 'connect'])

// What a connection may have entered and exited again, and still means by a number.
const numbersPerRoom = 8
// A room, its cursors and its typing.
const waitingPerRoom = 3

/** One client at the server: its messages in, refusals out. */
export class Connection implements LinkEvents, Putter {
  readonly clientId: number
  readonly link: Link
  readonly proof: Proof
  readonly #services: Services
  readonly #knock: Knock
  readonly #numbers: RoomNumbers
  readonly #login: Login
  readonly #messages: Bucket
  #badMessages = 0
  readonly #puts: PutQueue<Wish>
  readonly #taken: Taken
  #isOver = false

  constructor(services: Services, link: Link, { clientId, identity, knock }: Admission) {
    this.#services = services
    this.link = link
    this.clientId = clientId
    this.proof = { seenAtMs: services.nowMs() }
    // What it held waits for it then as after any loss.
    const onEnd = (): void => this.dismiss(tokenExpired())
    this.#login = new Login(identity, { clock: services.clock, onEnd })
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
      fates: services.counters.puts,
      waitingMax: services.roomsMax * waitingPerRoom,
      // Its acknowledgement was given when it began to wait.
      refuse: (place, { n }, error) => this.#refuse('p', error, { room: keyOf(place), n }, undefined),
      tell: (place) => this.#tellRate(keyOf(place)),
    })
  }

  get user(): PresenceUser | undefined {
    return this.#login.identity.user
  }

  get identity(): Known {
    return this.#login.identity
  }

  get address(): string | undefined {
    return this.#knock.address
  }

  onPacket(): void {
    this.proof.seenAtMs = this.#services.nowMs()
  }

  onMessage(message: Message, reply?: Reply): void {
    if (this.#isOver) return
    this.#services.counters.messagesReceived++
    // Before the turn, which begins with whose time is over.
    this.onPacket()
    if (!this.#mayGoOn()) return
    this.#services.turn(() => {
      try {
        this.#take(parseClientMessage(message), reply)
      } catch (error) {
        this.#refuse(String(message[0]), error, {}, reply)
      }
    })
  }

  /** Takes one message from what it may send; ends the connection when there is none left. */
  #mayGoOn(): boolean {
    if (this.#isOver) return false
    if (this.#messages.readyInMs(this.proof.seenAtMs) > 0) {
      this.dismiss(tooManyMessages(this.#services.messagesPerSecond))
      return false
    }
    this.#messages.take()
    return true
  }

  onOversized(maxBytes: number): void {
    this.dismiss(tooLongMessage(maxBytes))
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
    this.#tellOperator(error, 'connect')
    this.link.send(['refused', { ...error.toJSON(), event: 'connect' }])
    this.onClose()
    this.link.close()
  }

  #stop(): void {
    this.#isOver = true
    this.#login.stop()
    this.#puts.clear()
    this.#taken.stop()
  }

  #take(message: ClientMessage, reply: Reply | undefined): void {
    const { hub, entries, nowMs } = this.#services
    // A put is answered when it is refused, which looks again.
    if (message[0] !== 'p' && this.link.isDrowning()) return this.dismiss(slowClient())
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
      hub.enter(this.link, place, (answer) => reply?.(answer))
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
    for (const [index, row] of puts.entries()) {
      // A message is one, however much is in it; each put after the first counts as another.
      if (index > 0 && !this.#mayGoOn()) return
      try {
        this.#putOne(row)
      } catch (error) {
        this.#services.counters.puts.refused++
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
    const place = this.#refPlace(ref)
    const { checkData } = this.#services
    if (checkData) {
      const key = keyOf(place)
      // Of a room that is closed to it, it is not told what would fit.
      if (!this.#login.identity.permissions.mayWrite(key)) throw notAllowed('write', key)
      checkData(key, data)
    }
    this.#puts.offer(place, { n, ttlMs, isHeld: held === 1, data, json })
  }

  /** What waited for a slot is looked at again: permissions may have changed meanwhile. */
  #place(place: string, wish: Wish): void {
    const { hub, entries, bans, nowMs } = this.#services
    const key = keyOf(place)
    if (!this.#login.identity.permissions.mayWrite(key)) throw notAllowed('write', key)
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
    throw tooManyRooms(roomsMax, key)
  }

  /** Nothing is refused: only the newest put of each room waits for its turn (A3). */
  #tellRate(key: string): void {
    const error = putsWait(this.#services.putRates, key)
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
    const { identify, crowd, clock, nowMs, turn } = this.#services
    const ask = (): Promise<Known> => identify(this.clientId, credentials, this.#knock)
    this.#login.ask(ask, {
      onAccepted: (identity) => {
        crowd.check({ clientId: this.clientId, identity, address: this.address })
        turn(() => {
          const isElsewhere = identity.tenant !== this.identity.tenant
          this.#become(identity)
          this.link.send(['authed', id, identity.user ?? null, ...endOf(identity, clock.wallMs(), nowMs())])
          reply?.(null)
          if (isElsewhere) this.#moveOut()
          else this.#withdraw()
        })
      },
      onRefused: (error) => {
        this.#refuse('auth', error, { id }, reply)
        if (credentials.token === undefined) this.#logOut(error)
      },
    })
  }

  /** Without a token it is nobody, and the server lets in no nobody: it is gone, as who it was. */
  #logOut(error: unknown): void {
    if (!(error instanceof PresenceError) || error.code !== 'unauthorized' || error.canRetry) return
    this.#services.turn(() => this.#services.entries.removeAll(this.clientId, 'left'))
    this.dismiss(error)
  }

  #become(identity: Known): void {
    const { clients, crowd, entries } = this.#services
    this.#login.become(identity)
    crowd.join(this)
    clients.setUser(this.clientId, identity.user?.id)
    entries.setUser(this.clientId, identity.user)
  }

  /** It is another tenant's now, and its keys mean other rooms: it comes back as it would to another server. */
  #moveOut(): void {
    this.#services.entries.removeAll(this.clientId, 'left')
    this.onClose()
    this.link.close()
  }

  /** The operator took its entry away: its tracks of the room are over. */
  tellKicked(room: string, banMs: number): void {
    this.#refuse('kick', kicked(room, banMs), { room }, undefined)
  }

  /** Takes away what the client has from an earlier connection and may not have on this one. */
  leaveForbidden(): void {
    const { tenant, permissions } = this.#login.identity
    const { entries } = this.#services
    for (const { room } of entries.of(this.clientId)) {
      if (tenantOf(room.place) !== tenant) entries.remove(room.place, this.clientId, 'left')
      else if (!permissions.mayWrite(room.key)) entries.remove(room.place, this.clientId, 'refused')
    }
  }

  /** Takes the client out of what it may not read or write any more (S5). */
  #withdraw(): void {
    const { hub, entries } = this.#services
    const { permissions } = this.#login.identity
    for (const place of hub.places(this.link)) {
      const room = keyOf(place)
      if (permissions.mayRead(room)) continue
      const error = notAllowed('read', room)
      hub.exit(this.link, place, error.toJSON())
      this.#refuse('enter', error, { room }, undefined)
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

  #placeOf(key: string): string {
    return placeOf(this.#login.identity.tenant, key)
  }

  /** The place of a key that it may read; throws `bad-key` or `not-allowed`. */
  #readable(key: string): string {
    parseRoomKey(key, this.#services.keyBytes)
    if (!this.#login.identity.permissions.mayRead(key)) throw notAllowed('read', key)
    return this.#placeOf(key)
  }

  #refPlace(ref: RoomRef): string {
    if (typeof ref === 'string') return this.#placeOf(parseRoomKey(ref, this.#services.keyBytes))
    const place = this.#numbers.place(ref)
    if (place === undefined) {
      throw unknownRoom(ref)
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
    const known = error instanceof PresenceError ? error : serverFailed()
    if (this.link.isDrowning()) return this.dismiss(slowClient())
    this.#tellOperator(known, event)
    const room = about.room ?? known.room
    const wire = { ...known.toJSON(), ...(room === undefined ? {} : { room: shorten(room, 300) }) }
    if (reply) reply(wire)
    else this.link.send(['refused', { ...about, ...wire, event: shorten(event, 40) }])
    if (known.code === 'bad-message') this.#countBadMessage()
  }

  /** What was asked for is a name of the protocol, or some other word of the client's, which is nobody's business. */
  #tellOperator(error: PresenceError, event: string): void {
    const { clientId, address } = this
    this.#services.refusalLog.refused(error, { clientId, address, event: events.has(event) ? event : 'unknown' })
  }

  /** One may be a mistake; who goes on is no client. */
  #countBadMessage(): void {
    if (++this.#badMessages < this.#services.badMessagesMax) return
    this.dismiss(tooManyBadMessages(this.#badMessages))
  }
}
