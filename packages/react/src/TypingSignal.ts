import type { Clock, PresenceRoom } from '@app/client'
import { isPageHidden, onPageHidden, onSubmit } from './page.ts'

// Three refreshes fit in a lease: two may be lost before anyone is thought to have stopped.
const typingTtlMinMs = 6_000
const typingRefreshMs = 2_000
/** People pause within a sentence; a longer silence is the end of it. */
export const typingIdleMs = 3_000

/** What is told of me: into which field, where fields have names. */
export interface TypingSubject {
  readonly clientId: number
  readonly field?: string | undefined
}

/**
 * Tells a room that I am typing: at the first input, again every 2 s while inputs come, and that I stopped as soon as
 * that is known. If the stop never gets out, the lease ends it.
 */
export class TypingSignal {
  readonly #clock: Clock
  readonly #room: PresenceRoom
  readonly #clientId: number
  readonly #data: string | true
  readonly #idleMs: number
  #sentAtMs: number | null = null
  #cancel = () => {}
  #stopForm = () => {}
  #isWatching = false

  constructor(clock: Clock, room: PresenceRoom, { clientId, field }: TypingSubject, idleMs: number) {
    this.#clock = clock
    this.#room = room
    this.#clientId = clientId
    this.#data = field ?? true
    this.#idleMs = idleMs
  }

  /** Something was typed, which counts while somebody watches; `form`, if there is one, ends it when it is sent. */
  typed(form: HTMLFormElement | null = null): void {
    if (!this.#isWatching || isPageHidden()) return
    this.#cancel()
    this.#cancel = this.#clock.after(this.#idleMs, this.stop)
    this.#stopForm()
    if (form) this.#stopForm = onSubmit(form, this.stop)
    const nowMs = this.#clock.monotonicMs()
    if (this.#sentAtMs !== null && nowMs - this.#sentAtMs < typingRefreshMs) return
    this.#sentAtMs = nowMs
    // The last input may come just before a refresh is due, and typing goes on for idleMs after it.
    this.#room.heartbeat(this.#data, Math.max(typingTtlMinMs, typingRefreshMs + this.#idleMs))
  }

  /** Nothing more is coming. Twice is once. */
  readonly stop = (): void => {
    this.#cancel()
    this.#stopForm()
    if (this.#sentAtMs === null) return
    this.#sentAtMs = null
    // I may have gone on in another field, which is told in the same entry.
    if (this.#room.value().get(this.#clientId)?.data === this.#data) this.#room.leave()
  }

  /** Ends typing with the page out of sight. Returns how to stop, which ends it, too. */
  watch(): () => void {
    const stopWatching = onPageHidden(this.stop)
    this.#isWatching = true
    return () => {
      this.#isWatching = false
      stopWatching()
      this.stop()
    }
  }
}
