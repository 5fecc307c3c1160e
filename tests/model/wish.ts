/** One of the application's tracks. */
export interface WishedTrack {
  readonly id: number
  json: string
}

/**
 * What one client's calls in one room ask for, by P1, P6 and P12 alone. `isSure` ends with whatever may undo a call
 * from outside (a refusal, a kick), until a call that begins anew.
 */
export class Wish {
  isSure = true
  /** A kick is under way: it may still undo calls that are made before it arrives. */
  isKicked = false
  /** It heard that it was kicked, and has called nothing since: it must stay away. */
  isOut = false
  /** The running tracks, the one updated last at the end. */
  tracks: WishedTrack[] = []
  /** What my entry has to say right after the call; null: I want none. */
  own: string | null = null

  heartbeat(json: string): void {
    this.isOut = false
    this.tracks = []
    this.own = json
    this.isSure = !this.isKicked
  }

  leave(): void {
    this.isOut = false
    this.tracks = []
    this.own = null
    this.isSure = !this.isKicked
  }

  show(id: number, json: string): void {
    this.isOut = false
    this.tracks = [...this.tracks.filter((track) => track.id !== id), { id, json }]
    this.own = json
  }

  /** Returns whether it was the one that showed. */
  stop(id: number): boolean {
    const wasTop = this.tracks.at(-1)?.id === id
    this.tracks = this.tracks.filter((track) => track.id !== id)
    if (wasTop) this.own = this.tracks.at(-1)?.json ?? null
    return wasTop
  }
}
