import { parseClientMessage, parseRoomKey, PresenceError } from '@app/protocol'
import type { ClientMessage, Clock, Credentials, Message, PresenceUser, PutRow, RoomRef } from '@app/protocol'
import type { Knock } from './admission.ts'
import type { Identify } from './authenticate.ts'
import type { Clients } from './clients.ts'
import type { Entries, Wish } from './entries.ts'
import type { Fence } from './fence.ts'
import type { Hub } from './hub.ts'
import type { Proof } from './lease.ts'
import type { Logger } from './logger.ts'
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
  readonly identify: Identify
  readonly logger: Logger
  readonly dataBytes: number
  readonly keyBytes: number
  readonly putRates: PutRates
  readonly clock: Clock
  readonly nowMs: () => number
  readonly turn: (run: () => void) => void
  readonly onClose: (connection: Connection) => void
}

/** A client that has been let in. */
export interface Admission {
  readonly clientId: number
  readonly user: PresenceUser | undefined
  readonly knock: Knock
  readonly fence: Fence
}

type Reply = (answer: unknown) => void
/** What a refusal was about. */
type About = { readonly room?: string; readonly n?: number; readonly id?: number }

/** One client at the server: its messages in, refusals out. Whatever it sends, the connection stays. */
export class Connection implements LinkEvents {
  readonly clientId: number
  readonly link: Link
  readonly proof: Proof
  readonly #services: Services
  readonly #knock: Knock
  readonly #numbers = new RoomNumbers()
  #user: PresenceUser | undefined
  readonly #puts: PutQueue<Wish>
  readonly #taken: Taken
  #isOver = false
  /** Log-ins are answered in the order in which they were asked for. */
  #login: Promise<void> = Promise.resolve()

  constructor(services: Services, link: Link, { clientId, user, knock }: Admission) {
    this.#services = services
    this.link = link
    this.clientId = clientId
    this.proof = { seenAtMs: services.nowMs() }
    this.#user = user
    this.#knock = knock
    this.#taken = new Taken(services.clock, (key, n) => link.send(['k', key, n]))
    this.#puts = new PutQueue({
      rates: services.putRates,
      clock: services.clock,
      nowMs: services.nowMs,
      turn: services.turn,
      take: (key, wish) => this.#place(key, wish),
      // Its acknowledgement was given when it began to wait.
      refuse: (key, { n }, error) => this.#refuse('p', error, { room: key, n }, undefined),
      tell: (key) => this.#tellRate(key),
    })
  }

  get user(): PresenceUser | undefined {
    return this.#user
  }

  onPacket(): void {
    this.proof.seenAtMs = this.#services.nowMs()
  }

  onMessage(message: Message, reply?: Reply): void {
    if (this.#isOver) return
    // Before the turn, which begins with whose time is over.
    this.onPacket()
    this.#services.turn(() => {
      try {
        this.#take(parseClientMessage(message), reply)
      } catch (error) {
        this.#refuse(String(message[0]), error, {}, reply)
      }
    })
  }

  onDrained(): void {
    const { hub, turn } = this.#services
    if (!this.#isOver && hub.isBehind(this.link)) turn(() => hub.caughtUp(this.link))
  }

  onClose(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#puts.clear()
    this.#taken.stop()
    this.#services.turn(() => {
      this.#services.hub.exitAll(this.link)
      this.#services.onClose(this)
    })
  }

  /** Ends it from this side: nothing that still comes is listened to, and what it held is not given up. */
  end(): void {
    this.#isOver = true
    this.#puts.clear()
    this.#taken.stop()
    this.#services.hub.exitAll(this.link)
  }

  #take(message: ClientMessage, reply: Reply | undefined): void {
    const { hub, entries, nowMs } = this.#services
    switch (message[0]) {
      case 'enter':
        return this.#enter(message[1], reply)
      case 'exit':
        hub.exit(this.link, message[1])
        return reply?.(null)
      case 'count':
        return this.#count(message[1], reply)
      case 'uncount':
        hub.counts.remove(this.link, message[1])
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
    const { hub, keyBytes } = this.#services
    try {
      parseRoomKey(key, keyBytes)
      this.#numbers.tell(key, hub.open(key).number)
      hub.enter(this.link, key, () => reply?.(null))
    } catch (error) {
      this.#refuse('enter', error, { room: key }, reply)
    }
  }

  #count(key: string, reply: Reply | undefined): void {
    const { hub, keyBytes } = this.#services
    try {
      hub.counts.add(this.link, parseRoomKey(key, keyBytes))
      reply?.(null)
    } catch (error) {
      this.#refuse('count', error, { room: key }, reply)
    }
  }

  #put(puts: readonly PutRow[], reply: Reply | undefined): void {
    let isAnswered = false
    for (const row of puts) {
      try {
        this.#putOne(row)
      } catch (error) {
        // One acknowledgement has room for one error.
        this.#refuse('p', error, { ...this.#about(row[0]), n: row[1] }, isAnswered ? undefined : reply)
        isAnswered = reply !== undefined
      }
    }
    if (!isAnswered) reply?.(null)
  }

  #putOne([ref, n, ttlMs, held, data]: PutRow): void {
    const json = wireJson(data, this.#services.dataBytes)
    this.#puts.offer(this.#key(ref), { n, ttlMs, isHeld: held === 1, data, json })
  }

  #place(key: string, wish: Wish): void {
    const { hub, entries, nowMs } = this.#services
    const isTold = entries.put(key, this.clientId, wish, { user: this.#user, proof: this.proof }, nowMs())
    if (!isTold || !hub.isListening(this.link, key)) this.#taken.add(key, wish.n)
  }

  /** Nothing is refused: only the newest put of each room waits for its turn (A3). */
  #tellRate(key: string): void {
    const { perRoom, perConnection } = this.#services.putRates
    const sentence = `Puts come faster than ${perRoom} a second into one room, or ${perConnection} a second into all. The newest waits for the next free slot.`
    const error = new PresenceError('rate-limited', sentence, { canRetry: true, room: key })
    this.link.send(['refused', { ...error.toJSON(), event: 'rate' }])
  }

  #leave(ref: RoomRef, n: number, reply: Reply | undefined): void {
    let key
    try {
      key = this.#key(ref)
    } catch (error) {
      return this.#refuse('l', error, { ...this.#about(ref), n }, reply)
    }
    this.#puts.withdraw(key, n)
    this.#services.entries.leave(key, this.clientId, n)
    this.#taken.drop(key, n)
    this.link.send(['k', key, n])
    reply?.(null)
  }

  #authenticate(id: number, credentials: Credentials, reply: Reply | undefined): void {
    const { identify, entries, clients, turn } = this.#services
    const login = async (): Promise<void> => {
      try {
        const { user } = await identify(this.clientId, credentials, this.#knock)
        if (this.#isOver) return
        turn(() => {
          this.#user = user
          clients.setUser(this.clientId, user?.id)
          entries.setUser(this.clientId, user)
          this.link.send(['authed', id, user ?? null])
          reply?.(null)
        })
      } catch (error) {
        if (!this.#isOver) this.#refuse('auth', error, { id }, reply)
      }
    }
    this.#login = this.#login.then(login)
  }

  #key(ref: RoomRef): string {
    if (typeof ref === 'string') return parseRoomKey(ref, this.#services.keyBytes)
    const key = this.#numbers.key(ref)
    if (key === undefined) {
      throw new PresenceError(
        'bad-message',
        `No snapshot on this connection gave the room number ${ref}. Use the room's key.`,
      )
    }
    return key
  }

  #about(ref: RoomRef): About {
    const room = typeof ref === 'string' ? ref : this.#numbers.key(ref)
    return room === undefined ? {} : { room }
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
  }
}

function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text
}
