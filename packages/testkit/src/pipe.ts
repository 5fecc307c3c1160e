/** One direction of a wire: what is put in comes out later, in order, unless the wire is pulled. */
export class Pipe {
  latencyMs = 0
  /** What is under way waits, until it is delivered by hand or this ends. */
  isHeld = false
  #isSevered = false
  #underWay: { readonly atMs: number; readonly arrive: () => void }[] = []

  get isSevered(): boolean {
    return this.#isSevered
  }

  get size(): number {
    return this.#underWay.length
  }

  put(nowMs: number, arrive: () => void): void {
    if (this.#isSevered) return
    const atMs = Math.max(nowMs + this.latencyMs, this.#underWay.at(-1)?.atMs ?? 0)
    this.#underWay.push({ atMs, arrive })
  }

  /** From now on everything vanishes, also what is under way. */
  sever(): void {
    this.#isSevered = true
    this.#underWay = []
  }

  dueAtMs(): number {
    return this.isHeld ? Number.POSITIVE_INFINITY : (this.#underWay[0]?.atMs ?? Number.POSITIVE_INFINITY)
  }

  /** Delivers by hand, whatever the time: the first so many, or all. */
  flush(count = Number.POSITIVE_INFINITY): void {
    for (let left = count; left > 0; left--) {
      const first = this.#underWay.shift()
      if (!first) return
      first.arrive()
    }
  }
}
