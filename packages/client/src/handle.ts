import { encodeData, heldTtlDefaultMs, parseTtl, PresenceError, type Decode } from '@app/protocol'
import type { PresenceChange, PresenceEntries, PresenceRoom, RoomStatus, Track, TrackOptions } from './presence.ts'
import { callOf, type Room } from './room.ts'
import type { RoomHost } from './room-host.ts'
import { check } from './schema.ts'
import type { TrackState } from './tracks.ts'
import type { View } from './view.ts'

/** What a handle needs of its client. */
export interface HandleHost extends Pick<RoomHost, 'limits' | 'statusOfNone'> {
  /** The room of a key: made anew after it was exited, so a handle never keeps one. */
  room(key: string): Room
  /** The room of a key if there is one: asking how it stands makes none. */
  known(key: string): Room | undefined
}

const nobody: PresenceEntries<never> = new Map()

/** A room as the application holds it: everything that comes in is checked here, before it changes anything. */
export class Handle<In, Out> implements PresenceRoom<In, Out> {
  readonly key: string
  readonly #host: HandleHost
  readonly #decode: Decode | null

  constructor(key: string, host: HandleHost, decode: Decode | null) {
    this.key = key
    this.#host = host
    this.#decode = decode
  }

  get status(): RoomStatus {
    return this.#host.known(this.key)?.status ?? this.#host.statusOfNone
  }

  heartbeat(data: In, ttlMs: number): void {
    const call = { encoded: this.#encode(data), input: data, ttlMs: parseTtl(ttlMs), isHeld: false }
    this.#room.tracks.clear()
    this.#room.put(call)
  }

  leave(): void {
    this.#room.tracks.clear()
    this.#room.leave()
  }

  track(data: In, { ttlMs = heldTtlDefaultMs }: TrackOptions = {}): Track<In> {
    const state: TrackState = { encoded: this.#encode(data), input: data, ttlMs: parseTtl(ttlMs) }
    // Null is data (P8); undefined says that I have no entry.
    const current = (): In => {
      const mine = this.mine()
      return mine === undefined ? (state.input as In) : mine
    }
    let isStopped = false
    this.#show(state)
    return {
      update: (next: In | ((current: In) => In)) => {
        if (isStopped) return
        const input = typeof next === 'function' ? (next as (current: In) => In)(current()) : next
        Object.assign(state, { encoded: this.#encode(input), input })
        this.#show(state)
      },
      stop: () => {
        if (isStopped) return
        isStopped = true
        this.#end(state)
      },
    }
  }

  value(): PresenceEntries<Out> {
    const room = this.#room
    room.read()
    const entries = this.#view.entries()
    room.tellSoon()
    return entries
  }

  announced(): PresenceEntries<Out> {
    const room = this.#host.known(this.key)
    return room ? (room.view(this.#decode) as View<Out>).announced() : nobody
  }

  onChange(listener: (entries: PresenceEntries<Out>, change: PresenceChange<Out>) => void): () => void {
    return this.#room.listen(this.#view, listener)
  }

  onStatus(listener: (status: RoomStatus) => void): () => void {
    return this.#room.listenToStatus(listener)
  }

  mine(): In | undefined {
    return this.#host.known(this.key)?.mine() as In | undefined
  }

  get #room(): Room {
    return this.#host.room(this.key)
  }

  get #view(): View<Out> {
    return this.#room.view(this.#decode) as View<Out>
  }

  #encode(data: In) {
    if (this.#decode) check(this.#decode, data, this.key)
    try {
      return encodeData(data, this.#host.limits.dataBytes)
    } catch (error) {
      if (!(error instanceof PresenceError)) throw error
      throw new PresenceError(error.code, error.message, { room: this.key, cause: error.cause })
    }
  }

  #show(state: TrackState): void {
    const room = this.#room
    room.tracks.raise(state)
    room.put(callOf(state))
  }

  #end(state: TrackState): void {
    // A room that was exited meanwhile holds nothing of this track.
    const room = this.#host.known(this.key)
    if (!room) return
    if (!room.tracks.isRunning(state)) return room.leaveUnheld()
    if (!room.tracks.remove(state)) return
    if (room.tracks.top) room.putTop()
    else room.leave()
  }
}
