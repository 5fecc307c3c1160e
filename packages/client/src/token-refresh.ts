import type { Clock, PresenceError } from '@app/protocol'
import { withoutRenewal, type Verdict } from './verdict.ts'

// Whoever makes tokens may take seconds, or fail once: a tenth of the life is left to them, but no less than this.
const leadMinMs = 5_000
// The timers of a hidden page run once a minute.
const leadMaxMs = 60_000
// A function that gives tokens which end at once is asked no more often. So a life below 10 s has less than its lead left
// when the function is asked, and one below 5 s ends before: then a new connection brings the next token.
const apartMs = 5_000

/** When a token is to be asked for again that ends at `expiresAtMs`; both moments are on the server's clock. */
export function refreshAtMs(nowMs: number, expiresAtMs: number): number {
  return expiresAtMs - Math.min(leadMaxMs, Math.max(leadMinMs, (expiresAtMs - nowMs) / 10))
}

/** When to ask once more after that has failed: half of what is left later, so that there are several tries. */
export function askAgainAtMs(nowMs: number, expiresAtMs: number): number {
  return nowMs + Math.max(apartMs, (expiresAtMs - nowMs) / 2)
}

/** What a refresh needs of its client. */
export interface TokenRefreshHost {
  readonly clock: Clock
  /** The server's clock. */
  now(): number
  /** Gets a new token and shows it to the server on the live connection. */
  renew(): Promise<void>
  report(error: PresenceError): void
}

/** Keeps an identity from ending: asks for a new token in time, and says what to do when it has ended all the same. */
export class TokenRefresh {
  readonly #host: TokenRefreshHost
  readonly #source: { readonly canRenew: boolean }
  /** There is a connection on which the server has said who I am. */
  #isLive = false
  #expiresAtMs: number | null = null
  #dueAtMs = 0
  #askedMs = -Infinity
  #knownMs = 0
  #isAsking = false
  #isFailureTold = false
  /** An identity has ended within `apartMs`, and so might every other. */
  #wasShort = false
  /** Of a row of attempts, one was made at once. */
  #isSpent = false
  /** What an earlier identity still waits for is not heard. */
  #turn = 0
  #cancelTimer = () => {}

  /** `source` says whether there is a function to ask for a new token. */
  constructor(host: TokenRefreshHost, source: { readonly canRenew: boolean }) {
    this.#host = host
    this.#source = source
  }

  /** The token is got anew, for whatever reason. */
  asked(): void {
    this.#askedMs = this.#host.clock.monotonicMs()
  }

  /** The server has said who I am, and until when; undefined for ever. */
  known(expiresAtMs: number | undefined): void {
    this.stop()
    this.#isLive = true
    this.#knownMs = this.#host.clock.monotonicMs()
    this.#isSpent = false
    this.#isFailureTold = false
    if (expiresAtMs === undefined) return
    this.#expiresAtMs = expiresAtMs
    this.#dueAtMs = refreshAtMs(this.#host.now(), expiresAtMs)
    this.look()
  }

  /** The connection is over. */
  stop(): void {
    this.#turn++
    this.#isLive = false
    this.#isAsking = false
    this.#expiresAtMs = null
    this.#cancelTimer()
  }

  /** Looks at the clock, which may be another than it was: this machine may have slept. */
  look(): void {
    this.#cancelTimer()
    if (this.#expiresAtMs === null || this.#isAsking) return
    // A timer may come early, and does for a life of months.
    this.#cancelTimer = this.#host.clock.after(Math.max(0, this.#dueInMs), () => {
      if (this.#dueInMs > 0) this.look()
      else if (this.#source.canRenew) void this.#ask()
    })
  }

  /** What follows when the server says that the token has ended. */
  ended(error: PresenceError): Verdict {
    if (!this.#source.canRenew) return { type: 'refuse', error: withoutRenewal(error) }
    if (this.#isLive) {
      const wasShort = this.#wasShort
      this.#wasShort = this.#host.clock.monotonicMs() - this.#knownMs < apartMs
      if (wasShort && this.#wasShort && this.#restMs > 0) return { type: 'later', afterMs: this.#restMs }
    } else if (this.#isSpent) return { type: 'later' }
    this.#isSpent = true
    return { type: 'at-once' }
  }

  /** For how long the function is to be left alone. */
  get #restMs(): number {
    return this.#askedMs + apartMs - this.#host.clock.monotonicMs()
  }

  get #dueInMs(): number {
    return Math.max(this.#dueAtMs - this.#host.now(), this.#restMs)
  }

  async #ask(): Promise<void> {
    const turn = this.#turn
    this.#isAsking = true
    let failure: PresenceError | null = null
    try {
      await this.#host.renew()
    } catch (error) {
      failure = error as PresenceError
    }
    // The server has said who I am now, or the connection is over.
    if (turn !== this.#turn || this.#expiresAtMs === null) return
    this.#isAsking = false
    this.#dueAtMs = askAgainAtMs(this.#host.now(), this.#expiresAtMs)
    this.look()
    if (!failure || this.#isFailureTold) return
    this.#isFailureTold = true
    this.#host.report(failure)
  }
}
