import { PresenceError } from '@app/protocol'

/** Who was kicked out of which room, and until when it may not come back. Kept in memory only. */
export class Bans {
  readonly #until = new Map<string, number>()

  add(place: string, clientId: number, untilMs: number): void {
    this.#until.set(nameOf(place, clientId), untilMs)
  }

  /** Throws `kicked` for who may not come back yet. */
  check(place: string, clientId: number, nowMs: number): void {
    // Asked with every put, and hardly ever is there one.
    if (this.#until.size === 0) return
    const untilMs = this.#until.get(nameOf(place, clientId))
    if (untilMs === undefined) return
    const leftMs = untilMs - nowMs
    if (leftMs > 0) {
      throw new PresenceError(
        'kicked',
        `The operator took you out of this room. You may come back in ${Math.ceil(leftMs / 1_000)} s.`,
        { canRetry: true, retryAfterMs: leftMs },
      )
    }
    this.#until.delete(nameOf(place, clientId))
  }

  /** Lets go of those that are over. */
  forget(nowMs: number): void {
    for (const [name, untilMs] of this.#until) if (untilMs <= nowMs) this.#until.delete(name)
  }
}

function nameOf(place: string, clientId: number): string {
  return `${clientId} ${place}`
}
