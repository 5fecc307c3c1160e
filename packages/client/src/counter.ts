import type { PresenceError } from '@app/protocol'
import type { CountReport, RoomCount } from './presence.ts'
import type { RoomHost } from './room-host.ts'
import { retryDelayMs } from './retry.ts'
import { Subscribable } from './subscribable.ts'

// A listener that goes may be a remount that comes back: neither is worth a message.
const lingerMs = 1_000

/** How many are in one room, as the server tells it, for as long as somebody listens. The room is not entered for it. */
export class Counter {
  readonly key: string
  readonly #host: RoomHost
  readonly #changed = new Subscribable<[RoomCount | null]>()
  #value: RoomCount | null = null
  /** Whether the server was asked on the present connection. */
  #isAsked = false
  /** The server does not tell who I am now; whoever I am next may be told. */
  #isBarred = false
  #cancelRetry = () => {}
  #cancelLinger: (() => void) | null = null

  constructor(key: string, host: RoomHost) {
    this.key = key
    this.#host = host
  }

  get value(): RoomCount | null {
    return this.#value
  }

  listen(listener: (count: RoomCount | null) => void): () => void {
    const stop = this.#changed.add(listener)
    this.#cancelLinger?.()
    this.#cancelLinger = null
    this.#ask()
    this.#host.wake()
    return () => {
      stop()
      this.#linger()
    }
  }

  /** The server has said hello. */
  onConnected(): void {
    if (this.#changed.size > 0) this.#ask()
  }

  /** The connection is lost; what was known of the room stays until the next one tells. */
  onLost(): void {
    this.#forgetAsking()
  }

  /** The client is closed: nothing is known of the room any more. */
  onClosed(): void {
    this.#forgetAsking()
    this.#set(null)
    if (this.#changed.size === 0) this.#end()
  }

  /** I may not know the number, or not any more: it is not known then. */
  onRefused(error: PresenceError): void {
    this.#set(null)
    this.#cancelRetry()
    this.#isBarred = error.code === 'not-allowed' && !error.canRetry
    if (error.canRetry) this.#cancelRetry = this.#host.clock.after(retryDelayMs(error), () => this.#askAgain())
  }

  /** Who I am has changed on the live connection. */
  onLoggedIn(): void {
    if (this.#isBarred) this.#askAgain()
  }

  onCount(users: number, clients: number): void {
    if (this.#value?.users !== users || this.#value.clients !== clients) this.#set({ users, clients })
  }

  inspect(): CountReport {
    return { key: this.key, count: this.#value, listeners: this.#changed.size }
  }

  #set(value: RoomCount | null): void {
    if (this.#value === value) return
    this.#value = value
    this.#host.rounds.add(() => this.#changed.emit(value))
  }

  #ask(): void {
    if (this.#isAsked || !this.#host.isConnected) return
    this.#isAsked = true
    this.#host.send(['count', this.key])
  }

  #askAgain(): void {
    this.#forgetAsking()
    if (this.#changed.size > 0) this.#ask()
  }

  #forgetAsking(): void {
    this.#cancelRetry()
    this.#isAsked = false
    this.#isBarred = false
  }

  #linger(): void {
    if (this.#changed.size > 0 || this.#cancelLinger) return
    this.#cancelLinger = this.#host.clock.after(lingerMs, () => this.#end())
  }

  #end(): void {
    this.#cancelLinger?.()
    this.#cancelRetry()
    if (this.#isAsked) this.#host.send(['uncount', this.key])
    this.#host.forget(this)
  }
}
