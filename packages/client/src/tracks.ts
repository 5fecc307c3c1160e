import type { EncodedData } from '@app/protocol'

/** What a running track wants to show. */
export interface TrackState {
  encoded: EncodedData
  input: unknown
  readonly ttlMs: number
}

/** The running tracks of one room, the one updated last on top (P12). */
export class Tracks {
  #running: TrackState[] = []

  get size(): number {
    return this.#running.length
  }

  get top(): TrackState | undefined {
    return this.#running.at(-1)
  }

  isRunning(track: TrackState): boolean {
    return this.#running.includes(track)
  }

  /** Puts a track on top, also one that had been stopped by a heartbeat or leave. */
  raise(track: TrackState): void {
    this.#running = [...this.#running.filter((other) => other !== track), track]
  }

  /** Takes a track away; true when it was the one that showed. */
  remove(track: TrackState): boolean {
    const showed = this.top === track
    this.#running = this.#running.filter((other) => other !== track)
    return showed
  }

  clear(): void {
    this.#running = []
  }
}
