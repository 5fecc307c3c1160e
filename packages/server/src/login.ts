import type { Clock } from '@app/protocol'
import type { Known } from './authenticate.ts'
import { tokenExpired, tooManyLogins } from './refusals.ts'

// However the system's clock is set, or the machine sleeps, the end is noticed within this time.
const lookEveryMs = 60_000
// Each may be a question to the application's database.
const underWayMax = 5

export interface LoginOptions {
  readonly clock: Clock
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
      checkEnd(identity, this.#options.clock.wallMs())
      events.onAccepted(identity)
    } catch (error) {
      if (!this.#isOver) events.onRefused(error)
    } finally {
      this.#underWay--
    }
  }

  #awaitEnd(): void {
    this.#cancelEnd()
    const { clock, onEnd } = this.#options
    const leftMs = this.#identity.expiresAtMs - clock.wallMs()
    if (leftMs === Infinity) return
    this.#cancelEnd = clock.after(Math.min(Math.max(0, leftMs), lookEveryMs), () => {
      if (clock.wallMs() < this.#identity.expiresAtMs) this.#awaitEnd()
      else onEnd()
    })
  }
}

/*
 * Who makes a token counts in the system's time, so that is what its end is judged by. Leases are judged by the server's
 * own clock, which no step of the system's changes (C1).
 */

/** Throws `token-expired` when it is over already, by the system's clock. */
export function checkEnd({ expiresAtMs }: Known, wallMs: number): void {
  if (wallMs >= expiresAtMs) throw tokenExpired()
}

/** When it ends, as it is told to the client, which knows the server's clock only: nothing when it does not. */
export function endOf({ expiresAtMs }: Known, wallMs: number, nowMs: number): [expiresAtMs?: number] {
  return expiresAtMs === Infinity ? [] : [Math.floor(expiresAtMs - wallMs + nowMs)]
}
