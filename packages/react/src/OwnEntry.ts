import type { PresenceClient, PresenceRoom, Track } from '@app/client'
import { hold } from './hold.ts'

/** What a component wants its entry to be. */
export interface Wish<In> {
  /** Undefined: no entry, until `update` is called. */
  readonly data: In | undefined
  /** The data's JSON text: data of the same text is the same data. */
  readonly text: string | undefined
  readonly ttlMs: number | undefined
}

/** Puts data in the place of my present data, or computes it from that. */
export interface Update<In, Current = In> {
  (next: (current: Current) => In): void
  (data: In): void
}

/**
 * My entry in a room as one component wants it: a track that lives as long as the component. The functions stay the
 * same for good; what they are asked before the component has mounted waits until it has, and after it has gone, or
 * while it is not enabled, they do nothing.
 */
export class OwnEntry<In> {
  readonly update: Update<In, In | undefined> = (next: In | ((current: In | undefined) => In)) =>
    this.#call((room) => this.#update(room, next))
  readonly heartbeat = (data: In, ttlMs: number): void =>
    this.#call((room) => {
      room.heartbeat(data, ttlMs)
      this.#isRunning = false
    })
  readonly leave = (): void =>
    this.#call((room) => {
      room.leave()
      this.#isRunning = false
    })

  readonly #take = hold(() => this.#end())
  #waiting: (() => void)[] | null = []
  #client: PresenceClient | null = null
  #room: PresenceRoom<In, unknown> | null = null
  #track: Track<In> | null = null
  /** No heartbeat or leave of this component has stopped the track. */
  #isRunning = false
  /** The lease or the schema is another now, so an update needs a new track. */
  #isOutdated = false
  #data: In | undefined
  #text: string | undefined
  #ttlMs: number | undefined

  /** Sees to it that the entry is as wished, until what this returns is called. Throws what `track` throws. */
  use(client: PresenceClient, room: PresenceRoom<In, unknown>, wish: Wish<In>): () => void {
    const release = this.#take()
    try {
      this.#moveTo(client, room)
      this.#show(room, wish)
      this.#callWaiting()
    } catch (error) {
      // An effect that throws is never cleaned up.
      release()
      throw error
    }
    return release
  }

  /** The component has mounted and wants nothing of a room. */
  ignore(): void {
    this.#waiting = null
  }

  #call(run: (room: PresenceRoom<In, unknown>) => void): void {
    if (this.#room) run(this.#room)
    else this.#waiting?.push(() => this.#call(run))
  }

  #callWaiting(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = null
    for (const call of waiting) call()
  }

  #moveTo(client: PresenceClient, room: PresenceRoom<In, unknown>): void {
    if (client !== this.#client || room.key !== this.#room?.key) this.#drop()
    else if (room !== this.#room) this.#isOutdated = true
    this.#client = client
    this.#room = room
  }

  #show(room: PresenceRoom<In, unknown>, { data, text, ttlMs }: Wish<In>): void {
    if (ttlMs !== this.#ttlMs) this.#isOutdated = true
    this.#ttlMs = ttlMs
    if (text !== this.#text) {
      if (data === undefined) this.#drop()
      else this.#put(room, data)
      this.#text = text
    } else if (this.#isOutdated && this.#isRunning && this.#data !== undefined && room.mine() !== undefined) {
      this.#put(room, this.#data)
    }
  }

  #update(room: PresenceRoom<In, unknown>, next: In | ((current: In | undefined) => In)): void {
    if (typeof next !== 'function') return this.#put(room, next)
    const mine = room.mine()
    this.#put(room, (next as (current: In | undefined) => In)(mine === undefined ? this.#data : mine))
  }

  #put(room: PresenceRoom<In, unknown>, data: In): void {
    if (this.#track && !this.#isOutdated) this.#track.update(data)
    else {
      const before = this.#track
      this.#track = room.track(data, { ttlMs: this.#ttlMs })
      this.#isOutdated = false
      before?.stop()
    }
    this.#data = data
    this.#isRunning = true
  }

  /** Stops the track, but only after the other effects of this turn: one may want an entry in the same room. */
  #drop(): void {
    const track = this.#track
    if (track) queueMicrotask(() => track.stop())
    this.#track = null
    this.#isRunning = false
    this.#data = undefined
    this.#text = undefined
  }

  #end(): void {
    this.#drop()
    this.#client = null
    this.#room = null
  }
}
