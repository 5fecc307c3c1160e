/**
 * The order in which listeners are called (P4). A change takes effect at once; what it has to tell waits here as a
 * round. A change made inside a listener is told after the present round.
 */
export class Rounds {
  readonly #waiting: (() => void)[] = []
  #running = false

  add(round: () => void): void {
    this.#waiting.push(round)
  }

  /** Calls all that waits, unless a round is running already: then that run goes on to it. */
  run(): void {
    if (this.#running) return
    this.#running = true
    try {
      for (let round = this.#waiting.shift(); round; round = this.#waiting.shift()) round()
    } finally {
      this.#running = false
    }
  }

  /** For a read that found something to tell: no listener ever runs inside `value()`. */
  runSoon(): void {
    if (this.#waiting.length > 0) queueMicrotask(() => this.run())
  }
}
