import { surface } from './surface.ts'

/** A set of listeners. One that throws disturbs nobody (P10). */
export class Subscribable<Args extends unknown[]> {
  readonly #listeners = new Set<{ readonly call: (...args: Args) => void }>()

  get size(): number {
    return this.#listeners.size
  }

  /** Adds a listener, also one that is there already; returns the way to take this one away. */
  add(call: (...args: Args) => void): () => void {
    const listener = { call }
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  emit(...args: Args): void {
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue
      try {
        listener.call(...args)
      } catch (error) {
        surface(error)
      }
    }
  }
}
