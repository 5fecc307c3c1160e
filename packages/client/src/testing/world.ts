import { PresenceError, systemClock, type Clock, type PresenceUser } from '@app/protocol'
import { Client } from '../client.ts'
import type { PresenceClient } from '../presence.ts'
import type { Host, Serve } from './host.ts'
import { MachineClock } from './machine-clock.ts'
import { ManualClock } from './manual-clock.ts'
import { serveFromMemory } from './serve-from-memory.ts'
import { Wire } from './wire.ts'

/** How a world is made. */
export interface PresenceWorldOptions {
  /**
   * `manual`: time stands still until `advance()`, for tests. `real`: it goes by as on the wall, for a page that people look at,
   * such as a story. Default: `manual`.
   */
  readonly clock?: 'manual' | 'real' | undefined
  /** When a world with a manual clock begins, in Unix ms. Default: some moment in 2023, always the same. */
  readonly startAtMs?: number | undefined
  /** Decides what is left to chance, such as when a client tries to connect again. Default: 1. */
  readonly seed?: number | undefined
}

/** Who a client of a world is. */
export interface WorldClientOptions {
  /** Who it is; the server of this world believes everyone. */
  readonly user?: PresenceUser | undefined
  /** Connect when the first room is entered. Default: true. */
  readonly autoConnect?: boolean | undefined
}

/** A real client, and what may happen to the page, the machine and the network that it has for itself. */
export interface WorldClient extends PresenceClient {
  /**
   * Its process is gone without a word, as when a tab is killed. The others see its held entries go (`lost`) within the grace
   * of 15 s. It is of no use afterwards: to call it throws `closed`, and rooms taken of it before say nothing to anybody.
   */
  crash(): void
  /**
   * The lid is shut: nothing of it runs and nothing is read. The others see its held entries go within their `ttlMs` + 1 s.
   * Asleep, it does not notice that time goes by.
   */
  sleep(): void
  /** The lid is opened again: it comes back by itself, at the next `advance()`. */
  wake(): void
  /**
   * The cable is pulled: whatever is said vanishes, and attempts to connect fail. Each side notices when it misses the other,
   * within 18 s, as in the real world.
   */
  offline(): void
  /** The network is back, and the page hears of it, unless it sleeps. */
  online(): void
}

/** A presence server, its clients and the network between them, all in memory. */
export interface PresenceWorld {
  /** The time, in Unix ms. */
  readonly nowMs: number
  /** Another client, as real as those of `createPresenceClient`. Their ids are 1, 2, 3, … Throws `closed`, `bad-user`. */
  client(options?: WorldClientOptions): WorldClient
  /**
   * Lets so many ms go by, and with them all that they bring: messages, timers, connections, leases. Default: 50, in which
   * news gets about, also in a busy room. Wait for it; in tests of React inside `act`. Rejects with `bad-options` for a number that is
   * none or negative, and in a world with a real clock; with `closed` after `close()`.
   */
  advance(ms?: number): Promise<void>
  /** Closes all clients and ends the server. To be called where the clock is real, or its timers run on. */
  close(): void
}

// A busy room is told every 33 ms.
const newsMs = 50
// Any will do, as long as it is the same in every run.
const defaultStartAtMs = 1_700_000_000_000

/**
 * Makes a world for tests and stories: no server to start, no sockets, and the same happens each time. Throws `bad-options`
 * for a clock that it does not know, a time that is none, or a start for a real clock.
 */
export function createPresenceWorld(options: PresenceWorldOptions = {}): PresenceWorld {
  return new World(options, serveFromMemory)
}

/** The world with any server. */
export class World implements PresenceWorld {
  readonly #clock: Clock
  readonly #manual: ManualClock | null
  readonly #host: Host
  readonly #random: () => number
  readonly #ends: (() => void)[] = []
  #turning: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor({ clock = 'manual', startAtMs, seed = 1 }: PresenceWorldOptions, serve: Serve) {
    if (clock !== 'manual' && clock !== 'real') throw wrong(`clock is "manual" or "real", not ${JSON.stringify(clock)}`)
    if (clock === 'real' && startAtMs !== undefined) throw wrong('a real clock has no startAtMs')
    if (startAtMs !== undefined && !Number.isFinite(startAtMs)) throw wrong('startAtMs is a moment in Unix ms')
    if (!Number.isFinite(seed)) throw wrong('seed is a number')
    this.#manual = clock === 'real' ? null : new ManualClock(startAtMs ?? defaultStartAtMs)
    this.#clock = this.#manual ?? systemClock
    this.#random = randomFrom(seed)
    this.#host = serve(this.#clock)
  }

  get nowMs(): number {
    return this.#clock.wallMs()
  }

  client({ user, autoConnect }: WorldClientOptions = {}): WorldClient {
    if (this.#isClosed) throw closed('This world is closed. Create another one.')
    const clientId = this.#ends.length + 1
    const machine = new MachineClock(this.#clock)
    let page: { onHint(): void } | null = null
    const wires: Wire[] = []
    let isOffline = false
    const client = new Client(
      { user, autoConnect },
      {
        clock: machine,
        random: this.#random,
        identity: { clientId, secret: clientId.toString(16).padStart(32, '0') },
        connect: (handshake, events) => {
          const wire = new Wire(this.#clock, machine, events)
          wires.push(wire)
          if (isOffline) wire.refuse(noNetwork())
          else wire.open(this.#host, handshake)
          return wire
        },
        watchPage: (events) => {
          page = events
          return () => {
            page = null
          }
        },
      },
    )
    this.#ends.push(() => {
      client.close()
      machine.sleep()
      for (const wire of wires) wire.stop()
    })
    return Object.assign(client, {
      crash: () => {
        machine.sleep()
        wires.at(-1)?.abandon()
        Object.assign(client, crashed)
      },
      sleep: () => machine.sleep(),
      wake: () => {
        if (machine.wake()) page?.onHint()
      },
      offline: () => {
        isOffline = true
        wires.at(-1)?.cut()
      },
      online: () => {
        const isNews = isOffline && !machine.isAsleep
        isOffline = false
        if (isNews) page?.onHint()
      },
    })
  }

  async advance(ms = newsMs): Promise<void> {
    if (this.#isClosed) throw closed('This world is closed: no time goes by in it.')
    if (typeof ms !== 'number' || !(ms >= 0) || ms === Infinity)
      throw wrong(`time goes forward, by a number of ms, not by ${String(ms)}`)
    const clock = this.#manual
    if (!clock) throw wrong('a real clock turns by itself; advance() is for a manual one')
    // One that was not waited for is over first.
    const turn = this.#turning.then(() => clock.advance(ms))
    this.#turning = turn.catch(() => {})
    await turn
  }

  close(): void {
    this.#isClosed = true
    for (const end of this.#ends) end()
    this.#host.stop()
  }
}

function gone(): never {
  throw closed('This client has crashed: there is nobody left to do that. Make another one by world.client().')
}

/** What a client can do no more. To be closed is all right: that ends what a test has begun. */
const crashed = Object.fromEntries(
  'presence count connect waitForConnected reauthenticate crash sleep wake offline online'
    .split(' ')
    .map((name) => [name, gone]),
)

function noNetwork(): PresenceError {
  return new PresenceError('connection-failed', 'There is no network, since offline() was called.', { canRetry: true })
}

function wrong(sentence: string): PresenceError {
  return new PresenceError('bad-options', `In a presence world, ${sentence}.`)
}

function closed(sentence: string): PresenceError {
  return new PresenceError('closed', sentence)
}

/** A source of chance that says the same for the same seed: a linear congruential one is good enough. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
