import type { Clock } from '@app/protocol'
import { repeat } from './repeat.ts'

// Often enough to measure a stall well, rare enough to cost nothing.
const beatMs = 500
// Shorter ones are a busy moment, not a reason to doubt what clients did meanwhile.
const stallMinMs = 1_000

/**
 * Notices that this process stood still (L7): a beat that comes over a second late. `notice` is to be called before
 * anything is judged by the clock, because after a stall some other timer may be the first to run.
 */
export class StallWatch {
  readonly #clock: Clock
  readonly #onStall: (stallMs: number) => void
  #dueMs: number
  #lateMs = 0
  /** What was noticed since the last beat. */
  #stallMs = 0
  readonly #cancel: () => void

  constructor(clock: Clock, onStall: (stallMs: number) => void) {
    this.#clock = clock
    this.#onStall = onStall
    this.#dueMs = clock.monotonicMs() + beatMs
    this.#cancel = repeat(clock, beatMs, () => {
      this.notice()
      // Right after a stall that a turn noticed the beat is in time again.
      this.#lateMs = Math.max(this.#stallMs, this.#clock.monotonicMs() - this.#dueMs)
      this.#stallMs = 0
      this.#dueMs = this.#clock.monotonicMs() + beatMs
    })
  }

  /** How late the last beat was, or the one that is due is by now. */
  get lagMs(): number {
    return Math.max(0, this.#lateMs, this.#stallMs, this.#clock.monotonicMs() - this.#dueMs)
  }

  notice(): void {
    const lateMs = this.#clock.monotonicMs() - this.#dueMs
    if (lateMs <= stallMinMs) return
    this.#dueMs += lateMs
    this.#stallMs = lateMs
    this.#onStall(Math.floor(lateMs))
  }

  stop(): void {
    this.#cancel()
  }
}
