import { PresenceError, type Clock } from '@app/protocol'
import { Bucket } from './bucket.ts'
import type { PutFate } from './counters.ts'

/** How many puts a second are taken; as many may come in a burst. */
export interface PutRates {
  readonly perRoom: number
  readonly perConnection: number
}

export interface PutQueueOptions<Put> {
  readonly rates: PutRates
  readonly clock: Clock
  readonly nowMs: () => number
  readonly turn: (run: () => void) => void
  /** For how many rooms a put may wait. */
  readonly waitingMax: number
  /** What became of the puts is counted here, but for those that `offer` throws for. */
  readonly fates: Record<PutFate, number>
  /** What it throws, `offer` throws. */
  readonly take: (key: string, put: Put) => void
  /** A put that had waited was not taken: what `take` threw. */
  readonly refuse: (key: string, put: Put, error: unknown) => void
  /** Puts come too fast into a room. At most once a second. */
  readonly tell: (key: string) => void
}

const tellEveryMs = 1_000

/**
 * The puts of one connection, no faster than its rates (A3): what comes too soon waits for the next free slot, the newest
 * of each room only. Nothing is refused and nothing rolled back.
 */
export class PutQueue<Put extends { readonly n: number }> {
  readonly #options: PutQueueOptions<Put>
  readonly #rooms = new Map<string, Bucket>()
  readonly #all: Bucket
  readonly #waiting = new Map<string, Put>()
  #toldAtMs = Number.NEGATIVE_INFINITY
  #cancel: (() => void) | null = null

  constructor(options: PutQueueOptions<Put>) {
    this.#options = options
    this.#all = new Bucket(options.rates.perConnection, options.nowMs())
  }

  /** Throws `too-many-rooms` when puts wait for as many other rooms as may be. */
  offer(key: string, put: Put): void {
    const nowMs = this.#options.nowMs()
    const isWaiting = this.#waiting.has(key)
    if (!isWaiting && this.#hasSlot(key, nowMs)) {
      this.#options.take(key, put)
      this.#options.fates.accepted++
      return
    }
    if (!isWaiting && this.#waiting.size >= this.#options.waitingMax) {
      const sentence = `Puts of this connection into ${this.#waiting.size} rooms wait for their turn. Put into fewer rooms, or less often.`
      throw new PresenceError('too-many-rooms', sentence, { canRetry: true, retryAfterMs: tellEveryMs })
    }
    if (isWaiting) this.#options.fates.replaced++
    this.#waiting.set(key, put)
    if (nowMs - this.#toldAtMs >= tellEveryMs) {
      this.#toldAtMs = nowMs
      this.#options.tell(key)
    }
    this.#wait(nowMs)
  }

  /** The client left the room with number `n`: what waits from before is not wanted any more. */
  withdraw(key: string, n: number): void {
    const waiting = this.#waiting.get(key)
    if (waiting && waiting.n < n && this.#waiting.delete(key)) this.#options.fates.replaced++
  }

  clear(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#options.fates.replaced += this.#waiting.size
    this.#waiting.clear()
  }

  /** Takes a slot of the room and one of the connection, if both are free. */
  #hasSlot(key: string, nowMs: number): boolean {
    const room = this.#bucket(key, nowMs)
    if (room.readyInMs(nowMs) > 0 || this.#all.readyInMs(nowMs) > 0) return false
    room.take()
    this.#all.take()
    return true
  }

  #bucket(key: string, nowMs: number): Bucket {
    let bucket = this.#rooms.get(key)
    if (!bucket) {
      // A full bucket remembers nothing: those of rooms that are quiet again go when new ones come.
      for (const [other, each] of this.#rooms) if (each.isFull(nowMs)) this.#rooms.delete(other)
      bucket = new Bucket(this.#options.rates.perRoom, nowMs)
      this.#rooms.set(key, bucket)
    }
    return bucket
  }

  #wait(nowMs: number): void {
    if (this.#cancel || this.#waiting.size === 0) return
    const first = Math.min(...[...this.#waiting.keys()].map((key) => this.#bucket(key, nowMs).readyInMs(nowMs)))
    const delayMs = Math.max(1, first, this.#all.readyInMs(nowMs))
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#cancel = null
      this.#options.turn(() => this.#takeWaiting())
    })
  }

  #takeWaiting(): void {
    const nowMs = this.#options.nowMs()
    for (const [key, put] of this.#waiting) {
      if (!this.#hasSlot(key, nowMs)) continue
      this.#waiting.delete(key)
      try {
        this.#options.take(key, put)
        this.#options.fates.waited++
      } catch (error) {
        this.#options.fates.refused++
        this.#options.refuse(key, put, error)
      }
    }
    this.#wait(nowMs)
  }
}
