import type { Clock } from '@app/protocol'

interface Timer {
  readonly atMs: number
  readonly run: () => void
}

// No chain of promises in a client, nor of an application's own around it, is longer.
const promisesInARow = 50

/** A clock that stands still until it is turned. Timers run in the order of their moments, at their moments. */
export class ManualClock implements Clock {
  readonly #startAtMs: number
  readonly #timers = new Set<Timer>()
  #nowMs = 0

  constructor(startAtMs: number) {
    this.#startAtMs = startAtMs
  }

  wallMs(): number {
    return this.#startAtMs + this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), run }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** Runs all that comes due in so many ms, each at its moment and each with the promises that hang on it. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    for (;;) {
      // Not by a timer, which whoever tests may have faked.
      for (let left = promisesInARow; left > 0; left--) await Promise.resolve()
      const timer = this.#next(endMs)
      if (!timer) break
      this.#timers.delete(timer)
      this.#nowMs = timer.atMs
      timer.run()
    }
    this.#nowMs = endMs
  }

  #next(endMs: number): Timer | undefined {
    let next: Timer | undefined
    // Of two timers of one moment, the one that was set first runs first.
    for (const timer of this.#timers) if (timer.atMs <= endMs && !(next && next.atMs <= timer.atMs)) next = timer
    return next
  }
}
