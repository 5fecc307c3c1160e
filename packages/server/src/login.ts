import type { Clock } from '@app/protocol'
import type { Known } from './authenticate.ts'
import { tokenExpired, tooManyLogins } from './refusals.ts'

// Each may be a question to the application's database.
const underWayMax = 5

export interface LoginOptions {
  readonly clock: Clock
  readonly nowMs: () => number
  /** It has ended, and nobody has logged in anew. */
  readonly onEnd: () => void
}

/** What becomes of a log-in. One that comes after `stop` becomes nothing. */
export interface LoginEvents {
  onAccepted(identity: Known): void
  onRefused(error: unknown): void
}

/** Who one connection is logged in as, and until when. Log-ins are answered in the order in which they were asked for. */
export class Login {
  readonly #options: LoginOptions
  #identity: Known
  #cancelEnd: () => void = () => {}
  #underWay = 0
  #last: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(identity: Known, options: LoginOptions) {
    this.#options = options
    this.#identity = identity
    this.#awaitEnd()
  }

  get identity(): Known {
    return this.#identity
  }

  become(identity: Known): void {
    this.#identity = identity
    this.#awaitEnd()
  }

  /** Asks who it is now; several at a time, as far as that goes. */
  ask(identify: () => Promise<Known>, events: LoginEvents): void {
    if (this.#underWay >= underWayMax) return events.onRefused(tooManyLogins(underWayMax))
    this.#underWay++
    this.#last = this.#last.then(() => this.#answer(identify, events))
  }

  stop(): void {
    this.#isOver = true
    this.#cancelEnd()
  }

  async #answer(identify: () => Promise<Known>, events: LoginEvents): Promise<void> {
    try {
      const identity = await identify()
      if (this.#isOver) return
      checkEnd(identity, this.#options.nowMs())
      events.onAccepted(identity)
    } catch (error) {
      if (!this.#isOver) events.onRefused(error)
    } finally {
      this.#underWay--
    }
  }

  #awaitEnd(): void {
    this.#cancelEnd()
    const { clock, nowMs, onEnd } = this.#options
    const leftMs = this.#identity.expiresAtMs - nowMs()
    if (leftMs === Infinity) return
    this.#cancelEnd = clock.after(Math.max(0, leftMs), () => {
      // A timer may come early.
      if (nowMs() < this.#identity.expiresAtMs) this.#awaitEnd()
      else onEnd()
    })
  }
}

/** Throws `token-expired` when it is over already. */
export function checkEnd({ expiresAtMs }: Known, nowMs: number): void {
  if (nowMs >= expiresAtMs) throw tokenExpired()
}

/** When it ends, as it is told to the client: nothing when it does not. */
export function endOf({ expiresAtMs }: Known): [expiresAtMs?: number] {
  return expiresAtMs === Infinity ? [] : [Math.floor(expiresAtMs)]
}
