import type { Clock } from '@app/protocol'

// A client that hears late of a put that was taken would only say it once more after a reconnect, and that changes nothing.
const gatherMs = 5_000

/**
 * Tells a client which of its puts are taken, where no delta does: at once after five quiet seconds, otherwise the newest
 * of each room every five, so that a client that only writes costs next to no writing.
 */
export class Taken {
  readonly #clock: Clock
  readonly #tell: (key: string, n: number) => void
  readonly #newest = new Map<string, number>()
  #cancel: (() => void) | null = null

  constructor(clock: Clock, tell: (key: string, n: number) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  add(key: string, n: number): void {
    this.#newest.set(key, n)
    if (!this.#cancel) this.#tellAll()
  }

  /** Everything up to `n` is told otherwise. */
  drop(key: string, n: number): void {
    if ((this.#newest.get(key) ?? 0) <= n) this.#newest.delete(key)
  }

  stop(): void {
    this.#cancel?.()
    this.#newest.clear()
  }

  #tellAll(): void {
    this.#cancel = null
    if (this.#newest.size === 0) return
    for (const [key, n] of this.#newest) this.#tell(key, n)
    this.#newest.clear()
    this.#cancel = this.#clock.after(gatherMs, () => this.#tellAll())
  }
}
