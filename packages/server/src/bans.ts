import { PresenceError } from '@app/protocol'
import { basePlace } from './place.ts'

/** Who was kicked out of which room, derived keys included, and until when it may not come back. Kept in memory only. */
export class Bans {
  readonly #until = new Map<string, number>()

  /** `place` is that of the room itself. */
  add(place: string, clientId: number, untilMs: number): void {
    this.#until.set(nameOf(place, clientId), untilMs)
  }

  /** Lets it come back at once. */
  lift(place: string, clientId: number): void {
    this.#until.delete(nameOf(place, clientId))
  }

  /** Throws `kicked` for who may not come back yet. */
  check(place: string, clientId: number, nowMs: number): void {
    // Asked with every put, and hardly ever is there one.
    if (this.#until.size === 0) return
    const name = nameOf(basePlace(place), clientId)
    const untilMs = this.#until.get(name)
    if (untilMs === undefined) return
    const leftMs = untilMs - nowMs
    if (leftMs > 0) {
      throw new PresenceError(
        'kicked',
        `The operator took you out of this room. You may come back in ${Math.ceil(leftMs / 1_000)} s.`,
        { canRetry: true, retryAfterMs: leftMs },
      )
    }
    this.#until.delete(name)
  }

  /** Lets go of those that are over. */
  forget(nowMs: number): void {
    for (const [name, untilMs] of this.#until) if (untilMs <= nowMs) this.#until.delete(name)
  }
}

function nameOf(place: string, clientId: number): string {
  return `${clientId} ${place}`
}
