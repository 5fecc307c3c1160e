import type { PresenceClient, PresenceRoom, Track } from '@app/client'
import { isPageHidden, onPageHidden, onWindowBlur } from './page.ts'
import type { Position } from './pointerPosition.ts'

// A finger lifts after every stroke; its cursor stays so long, or each tap would flash.
const touchLingerMs = 1_000
// Who may not show a cursor here is told so once in a while, not with every move.
const refusedPauseMs = 5_000

/** My own cursor in one room: an entry while the pointer is over it, none otherwise. The client keeps the pace. */
export class CursorSender {
  readonly #client: PresenceClient
  readonly #room: PresenceRoom
  #track: Track<unknown> | null = null
  #cancel = () => {}
  #quietUntilMs = 0
  #isWatching = false

  constructor(client: PresenceClient, room: PresenceRoom) {
    this.#client = client
    this.#room = room
  }

  /** From now on my cursor is shown; it ends when the page is hidden or another window is used. Returns how to stop. */
  watch(): () => void {
    this.#isWatching = true
    const stops = [
      onPageHidden(this.end),
      onWindowBlur(this.end),
      this.#room.onChange((_, { left }) => {
        const mine = left.find(({ clientId }) => clientId === this.#client.clientId)
        if (mine?.reason === 'refused' || mine?.reason === 'kicked') this.#pause()
      }),
    ]
    return () => {
      this.#isWatching = false
      for (const stop of stops) stop()
      this.end()
    }
  }

  move(position: Position): void {
    this.#cancel()
    if (!this.#isWatching || isPageHidden() || this.#client.clock.monotonicMs() < this.#quietUntilMs) return
    if (this.#track) this.#track.update(position)
    else this.#track = this.#room.track(position)
  }

  readonly end = (): void => {
    this.#cancel()
    const track = this.#track
    this.#track = null
    track?.stop()
  }

  /** Ends it unless the finger comes back soon. */
  endSoon(): void {
    this.#cancel()
    this.#cancel = this.#client.clock.after(touchLingerMs, this.end)
  }

  #pause(): void {
    this.#quietUntilMs = this.#client.clock.monotonicMs() + refusedPauseMs
    this.end()
  }
}
