import type { Clock } from '@app/protocol'
import { FakeClock } from './fake-clock.ts'

/**
 * How a machine runs what is due. `throttled`: timers once a minute, as in a hidden tab, but packets at once.
 * `frozen`: neither. `asleep`: neither, and its monotonic clock stands still, as a laptop's does.
 */
export type Pace = 'running' | 'throttled' | 'frozen' | 'asleep'

const throttledEveryMs = 60_000
// Moments are whole eighths, which floating point adds without an error.
const partsPerMs = 8

/** The clock of one machine among several: a timeline moves it, and its wall clock may be wrong. */
export class DeviceClock implements Clock {
  pace: Pace = 'running'
  readonly #clock: FakeClock

  constructor(wallMs: number) {
    this.#clock = new FakeClock(wallMs)
  }

  wallMs(): number {
    return this.#clock.wallMs()
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs()
  }

  after(delayMs: number, run: () => void): () => void {
    return this.#clock.after(Math.ceil(delayMs * partsPerMs) / partsPerMs, run)
  }

  /** Whether packets are taken. */
  get isAwake(): boolean {
    return this.pace === 'running' || this.pace === 'throttled'
  }

  get pending(): number {
    return this.#clock.pending
  }

  /** In how long something is to be run; infinite when nothing is. */
  dueInMs(): number {
    if (!this.isAwake) return Number.POSITIVE_INFINITY
    const nowMs = this.monotonicMs()
    const dueAtMs = Math.max(nowMs, this.#clock.dueAtMs)
    return (this.pace === 'running' ? dueAtMs : Math.ceil(dueAtMs / throttledEveryMs) * throttledEveryMs) - nowMs
  }

  /** Runs what is due; returns whether anything was. */
  runDue(): boolean {
    if (this.dueInMs() > 0) return false
    this.#clock.advance(0)
    return true
  }

  /** Time goes by. */
  pass(ms: number): void {
    if (this.pace === 'asleep') this.#clock.jumpWall(ms)
    else this.#clock.stall(ms)
  }

  jumpWall(ms: number): void {
    this.#clock.jumpWall(ms)
  }
}
