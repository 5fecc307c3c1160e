/** Where time comes from. Everything that decides takes time as an argument; only edges hold a clock. */
export interface Clock {
  /** The system's clock in Unix milliseconds. It may be wrong, and it may jump. */
  wallMs(): number
  /** Milliseconds since some moment; never goes back, knows nothing of the system's clock. */
  monotonicMs(): number
  /** Calls `run` once after `delayMs` (it may come early: look at the clock); returns a way to cancel it. */
  after(delayMs: number, run: () => void): () => void
}

// A longer delay makes setTimeout fire at once.
const timerMaxMs = 2 ** 31 - 1

/** The clock of the machine. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), timerMaxMs))
    return () => clearTimeout(timer)
  },
}
