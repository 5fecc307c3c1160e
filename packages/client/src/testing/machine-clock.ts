import type { Clock } from '@app/protocol'

interface Timer {
  readonly atMs: number
  readonly run: () => void
  cancel: () => void
}

/** The clock of one client's machine. While it sleeps, no timer runs and the monotonic clock stands still. */
export class MachineClock implements Clock {
  readonly #clock: Clock
  readonly #timers = new Set<Timer>()
  #sleptMs = 0
  #asleepSinceMs: number | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isAsleep(): boolean {
    return this.#asleepSinceMs !== null
  }

  wallMs(): number {
    return this.#clock.wallMs()
  }

  monotonicMs(): number {
    return (this.#asleepSinceMs ?? this.#clock.monotonicMs()) - this.#sleptMs
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.monotonicMs() + Math.max(0, Math.ceil(delayMs)), run, cancel: () => {} }
    this.#timers.add(timer)
    if (this.#asleepSinceMs === null) this.#arm(timer)
    return () => {
      this.#timers.delete(timer)
      timer.cancel()
    }
  }

  sleep(): void {
    this.#asleepSinceMs ??= this.#clock.monotonicMs()
    for (const timer of this.#timers) timer.cancel()
  }

  /** Returns whether it slept. What came due meanwhile comes now. */
  wake(): boolean {
    if (this.#asleepSinceMs === null) return false
    this.#sleptMs += this.#clock.monotonicMs() - this.#asleepSinceMs
    this.#asleepSinceMs = null
    for (const timer of this.#timers) this.#arm(timer)
    return true
  }

  #arm(timer: Timer): void {
    timer.cancel = this.#clock.after(timer.atMs - this.monotonicMs(), () => {
      this.#timers.delete(timer)
      timer.run()
    })
  }
}
