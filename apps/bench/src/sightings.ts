/** What a sender has put, and when: the moment of its update number `i` stands at `i`. */
export type SentAtMs = readonly number[]

export interface Window {
  readonly fromMs: number
  readonly toMs: number
}

/** What a probe found out. */
export interface Found {
  /** Updates that were news: a state newer than any before, of any sender. */
  readonly delivered: number
  /** Updates that were sent in the window. */
  readonly sent: number
  /** How many of those were seen, or outdone by a newer state, within a second. */
  readonly seenInTime: number
  /** From sending an update to seeing it or a newer one, of those that were ever seen. */
  readonly latenciesMs: readonly number[]
}

const inTimeMs = 1_000

/** Keeps what one probe has seen of each sender; judges it once all is over. */
export class Sightings<Sender> {
  readonly #newest = new Map<Sender, { number: number; readonly steps: [number: number, atMs: number][] }>()

  see(sender: Sender, number: number, nowMs: number): void {
    const known = this.#newest.get(sender)
    if (!known) this.#newest.set(sender, { number, steps: [[number, nowMs]] })
    else if (number > known.number) {
      known.number = number
      known.steps.push([number, nowMs])
    }
  }

  /** How many senders have shown up at all. */
  get size(): number {
    return this.#newest.size
  }

  judge(senders: Iterable<readonly [Sender, SentAtMs]>, { fromMs, toMs }: Window): Found {
    let delivered = 0
    let sent = 0
    let seenInTime = 0
    const latenciesMs: number[] = []
    for (const [sender, sentAtMs] of senders) {
      const steps = this.#newest.get(sender)?.steps ?? []
      delivered += steps.filter(([, atMs]) => atMs >= fromMs && atMs < toMs).length
      let step = 0
      for (const [number, at] of sentAtMs.entries()) {
        while (step < steps.length && (steps[step]?.[0] ?? 0) < number) step++
        if (at < fromMs || at >= toMs) continue
        sent++
        const seenAt = steps[step]?.[1]
        if (seenAt === undefined) continue
        latenciesMs.push(seenAt - at)
        if (seenAt - at <= inTimeMs) seenInTime++
      }
    }
    return { delivered, sent, seenInTime, latenciesMs }
  }
}
