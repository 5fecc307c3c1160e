import type { PresenceClient, PresenceRoom, Track } from '@app/client'
import { hold } from './hold.ts'

/** What a component wants its entry to be. */
export interface Wish<In> {
  /** Undefined: no entry, until `update` is called. */
  readonly data: In | undefined
  /** The data's JSON text: data of the same text is the same data. */
  readonly text: string | undefined
  readonly ttlMs: number | undefined
  /** What the data say as their `status`. */
  readonly status: string | undefined
  /** Nothing of it is shown, and all of it kept for later. */
  readonly isInvisible: boolean
}

/** Puts data in the place of my present data, or computes it from that. */
export interface Update<In, Current = In> {
  (next: (current: Current) => In): void
  (data: In): void
}

/** Another component's data with my status, on a track of its own. */
interface Cover<In> {
  readonly track: Track<In>
  readonly data: In
  readonly told: In
}

/** Those whose status came while another component's data showed: when it goes, they look again. */
const waiting = new Set<OwnEntry<never>>()

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
      if (this.#isInvisible) return
      room.heartbeat(data, ttlMs)
      this.#isRunning = false
      this.#hasBeat = true
    })
  readonly leave = (): void =>
    this.#call((room) => {
      room.leave()
      this.#isRunning = this.#hasBeat = false
    })

  readonly #take = hold(() => this.#end())
  #waiting: (() => void)[] | null = []
  #client: PresenceClient | null = null
  #room: PresenceRoom<In, unknown> | null = null
  #track: Track<In> | null = null
  #cover: Cover<In> | null = null
  /** No heartbeat or leave of this component has stopped the track. */
  #isRunning = false
  /** The lease or the schema is another now, so an update needs a new track. */
  #isOutdated = false
  #data: In | undefined
  /** The same as it was put, with the status. */
  #told: In | undefined
  #text: string | undefined
  #ttlMs: number | undefined
  #status: string | undefined
  #isInvisible = false
  /** The last thing put was a heartbeat. */
  #hasBeat = false

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

  #show(room: PresenceRoom<In, unknown>, { data, text, ttlMs, status, isInvisible }: Wish<In>): void {
    if (ttlMs !== this.#ttlMs) this.#isOutdated = true
    this.#ttlMs = ttlMs
    const isNews = status !== this.#status
    this.#status = status
    const isBack = this.#isInvisible && !isInvisible
    this.#isInvisible = isInvisible
    if (isInvisible) this.#hide(room)
    if (text !== this.#text) {
      if (data === undefined) this.#drop()
      else this.#put(room, data)
      this.#text = text
    } else if (this.#isRunning && this.#data !== undefined) {
      if (isBack || (this.#isOutdated && !isNews && room.mine() !== undefined)) this.#put(room, this.#data)
      else if (isNews && !isInvisible) this.#tellStatus(room)
    }
  }

  /** Puts my status into whatever shows of me. */
  #tellStatus(room: PresenceRoom<In, unknown>): void {
    const mine = room.mine()
    if (mine === undefined) return
    if (mine === this.#told) return this.#put(room, this.#data as In)
    waiting.add(this as never)
    const data = this.#current(room) as In
    const told = withStatus(data, this.#status)
    const track = this.#cover?.track ?? room.track(told, { ttlMs: this.#ttlMs })
    if (this.#cover) track.update(told)
    this.#cover = { track, data, told }
  }

  /** A component's track has ended in this room, mine perhaps the one below it. */
  #lookAgain(client: PresenceClient | null, room: PresenceRoom<In, unknown> | null): void {
    if (client !== this.#client || room?.key !== this.#room?.key || !this.#room) return
    this.#uncover()
    if (this.#isRunning) this.#tellStatus(this.#room)
  }

  #uncover(): void {
    this.#cover?.track.stop()
    this.#cover = null
    waiting.delete(this as never)
  }

  #update(room: PresenceRoom<In, unknown>, next: In | ((current: In | undefined) => In)): void {
    if (typeof next !== 'function') return this.#put(room, next)
    this.#put(room, (next as (current: In | undefined) => In)(this.#current(room)))
  }

  /** My present data: another component may have put them. My own are without the status that they go with. */
  #current(room: PresenceRoom<In, unknown>): In | undefined {
    const mine = room.mine()
    if (mine === undefined || mine === this.#told) return this.#data
    return mine === this.#cover?.told ? this.#cover.data : mine
  }

  #put(room: PresenceRoom<In, unknown>, data: In): void {
    if (!this.#isInvisible) {
      const told = (this.#told = withStatus(data, this.#status))
      if (this.#track && !this.#isOutdated) this.#track.update(told)
      else {
        const before = this.#track
        this.#track = room.track(told, { ttlMs: this.#ttlMs })
        this.#isOutdated = false
        before?.stop()
      }
      this.#uncover()
    }
    this.#data = data
    this.#isRunning = true
    this.#hasBeat = false
  }

  /** Stops the track, but only after the other effects of this turn: one may want an entry in the same room. */
  #stop(): void {
    const [track, client, room] = [this.#track, this.#client, this.#room]
    this.#track = null
    if (!track) return
    queueMicrotask(() => {
      track.stop()
      if (!this.#track) this.#uncover()
      for (const other of [...waiting]) other.#lookAgain(client, room as never)
    })
  }

  #hide(room: PresenceRoom<In, unknown>): void {
    this.#stop()
    if (this.#hasBeat) room.leave()
    this.#hasBeat = false
  }

  #drop(): void {
    this.#stop()
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

function withStatus<In>(data: In, status: string | undefined): In {
  const isRecord = typeof data === 'object' && data !== null && !Array.isArray(data)
  return isRecord && status !== undefined ? { ...data, status } : data
}
