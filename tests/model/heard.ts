import type { Channel, Message } from '@app/protocol'
import type { ClientEnd } from '@app/testkit'
import type { ClientStatus, RoomStatus } from '../../packages/client/src/presence.ts'

/** What has come over a client's connections, and what that makes of the status of its rooms, by 3.1 of the design alone. */
export class Heard {
  /** The rooms that are entered on the present connection. */
  readonly #entered = new Set<string>()
  /** Those of which a snapshot has come on it. */
  readonly #live = new Set<string>()
  /** Those of which a snapshot has ever come, since the client was closed or the room was exited. */
  readonly #known = new Set<string>()

  /** Hears what an attempt to connect tells the client. */
  onAttempt(connect: (events: ClientEnd) => Channel, events: ClientEnd): Channel {
    this.#lost()
    const channel = connect({
      onMessage: (message) => {
        this.#hears(message)
        events.onMessage(message)
      },
      onPacket: () => events.onPacket(),
      onClose: () => {
        this.#lost()
        events.onClose()
      },
      onRefused: (error) => events.onRefused(error),
    })
    return {
      send: (message) => {
        this.#says(message)
        channel.send(message)
      },
      close: () => channel.close(),
    }
  }

  #says([event, key]: Message): void {
    if (event === 'enter') this.#entered.add(key as string)
    if (event === 'exit') this.forget(key as string)
  }

  #hears([event, key]: Message): void {
    if (event !== 's' || !this.#entered.has(key as string)) return
    this.#live.add(key as string)
    this.#known.add(key as string)
  }

  #lost(): void {
    this.#entered.clear()
    this.#live.clear()
  }

  /** The room is exited. */
  forget(key: string): void {
    this.#entered.delete(key)
    this.#live.delete(key)
    this.#known.delete(key)
  }

  /** The client is closed. */
  forgetAll(): void {
    this.#lost()
    this.#known.clear()
  }

  statusOf(key: string, client: ClientStatus): RoomStatus {
    if (client === 'refused') return 'refused'
    if (this.#live.has(key)) return 'live'
    return this.#known.has(key) ? 'stale' : 'loading'
  }
}
