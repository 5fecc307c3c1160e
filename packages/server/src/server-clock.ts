import type { Clock } from '@app/protocol'

// Slow enough that a lease of a day is wrong by a minute and a half at most, quick enough that clocks meet again.
const slewPerMs = 1 / 1_000
// Looking at the system's clock with every message would show nothing more.
const wallEveryMs = 100

/**
 * The server's clock (C1): the system's at start, carried on by the monotonic clock and led back to the system's by
 * at most 1 ms a second. A step of the system's clock changes no lease.
 */
export class ServerClock {
  readonly #clock: Clock
  #readMonotonicMs: number
  #exactMs: number
  #toldMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#readMonotonicMs = clock.monotonicMs()
    this.#exactMs = clock.wallMs()
  }

  /** Unix milliseconds, whole, never going back. */
  nowMs(): number {
    const monotonicMs = this.#clock.monotonicMs()
    const passedMs = monotonicMs - this.#readMonotonicMs
    if (passedMs < wallEveryMs) return this.#whole(this.#exactMs + passedMs)
    this.#readMonotonicMs = monotonicMs
    this.#exactMs += passedMs
    const behindMs = this.#clock.wallMs() - this.#exactMs
    const slewMs = passedMs * slewPerMs
    this.#exactMs += Math.min(slewMs, Math.max(-slewMs, behindMs))
    return this.#whole(this.#exactMs)
  }

  /** Being led back takes away a part of what has been told already. */
  #whole(exactMs: number): number {
    this.#toldMs = Math.max(this.#toldMs, Math.floor(exactMs))
    return this.#toldMs
  }
}
