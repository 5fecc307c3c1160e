import type { Clock } from '@app/protocol'

interface Timer {
  readonly atMs: number
  readonly run: () => void
}

/** A clock that stands still until a test moves it. Timers run in the order of their moments, at their moments. */
export class FakeClock implements Clock {
  #monotonicMs = 0
  #wallMs: number
  /** In the order in which they were set. */
  readonly #timers = new Set<Timer>()
  /** The earliest of them, while it is known: a thousand clocks are asked at every moment. */
  #dueAtMs: number | null = Number.POSITIVE_INFINITY

  constructor(wallMs = 1_700_000_000_000) {
    this.#wallMs = wallMs
  }

  wallMs(): number {
    return this.#wallMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  after(delayMs: number, run: () => void): () => void {
    const timer: Timer = { atMs: this.#monotonicMs + Math.max(0, delayMs), run }
    this.#timers.add(timer)
    if (this.#dueAtMs !== null && timer.atMs < this.#dueAtMs) this.#dueAtMs = timer.atMs
    return () => this.#remove(timer)
  }

  /** Lets time go on, running what comes due, also what that sets up. */
  advance(ms: number): void {
    const endMs = this.#monotonicMs + ms
    for (let timer = this.#next(endMs); timer; timer = this.#next(endMs)) {
      this.#remove(timer)
      this.#move(Math.max(timer.atMs, this.#monotonicMs))
      timer.run()
    }
    this.#move(endMs)
  }

  /** Lets time go by while nothing runs, as for a process that was stopped; what came due runs at the next `advance`. */
  stall(ms: number): void {
    this.#move(this.#monotonicMs + ms)
  }

  /** Sets the system's clock forward or back by so much; the monotonic clock and its timers do not notice. */
  jumpWall(ms: number): void {
    this.#wallMs += ms
  }

  /** How many timers wait: 0 says that nobody forgot one. */
  get pending(): number {
    return this.#timers.size
  }

  /** The monotonic moment of the earliest timer; infinite when none waits. */
  get dueAtMs(): number {
    if (this.#dueAtMs === null) {
      this.#dueAtMs = Number.POSITIVE_INFINITY
      for (const { atMs } of this.#timers) if (atMs < this.#dueAtMs) this.#dueAtMs = atMs
    }
    return this.#dueAtMs
  }

  #remove(timer: Timer): void {
    this.#timers.delete(timer)
    if (timer.atMs === this.#dueAtMs) this.#dueAtMs = null
  }

  #next(endMs: number): Timer | undefined {
    if (this.dueAtMs > endMs) return undefined
    let next: Timer | undefined
    for (const timer of this.#timers) {
      // Of two timers of one moment, the one that was set first runs first.
      if (timer.atMs <= endMs && (!next || timer.atMs < next.atMs)) next = timer
    }
    return next
  }

  #move(toMs: number): void {
    this.#wallMs += toMs - this.#monotonicMs
    this.#monotonicMs = toMs
  }
}
