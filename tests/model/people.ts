import type { MirrorRow } from './mirror.ts'

/** What the server could know of one client's life since a moment. */
interface Person {
  readonly sinceMs: number
  /** The connection that counts; null without one. */
  readonly link: object | null
  readonly seen: Moment
  readonly lost: Moment
  /** The run of the server in which it was last connected. */
  readonly run: number
  /** When the last run's store must have had it seen, at the earliest. */
  readonly storedSeenAtMs: number
}

interface Moment {
  readonly atMs: number
  readonly stalled: Stalled
}

/** How much of all stalls so far the server must have noticed, and how much it may have. */
interface Stalled {
  readonly atLeastMs: number
  readonly atMostMs: number
}

export interface LeaseTimes {
  readonly graceMs: number
  /** What is over may be told so much later. */
  readonly latenessMs: number
}

// The beat that measures a stall comes twice a second, and stalls under a second are none (L7).
const beatMs = 500
const stallMinMs = 1_000
// What a crashed server had written of its clients' last packets is so old: a quarter of heldTtlMinMs, and the write (R3).
const storedLateMs = 6_000
const packetsKept = 20

/** All clients as the server's wires have heard them, over all of its runs. Moments are on the server's clock. */
export class People {
  readonly #times: LeaseTimes
  /** Of each client what was known lately, the newest at the end. */
  readonly #lives = new Map<number, Person[]>()
  readonly #packets = new Map<number, Moment[]>()
  /** When each was last let in: a sign of life that is stored, whether or not a connection comes of it. */
  readonly #knocks = new Map<number, Moment>()
  #stalled: Stalled = { atLeastMs: 0, atMostMs: 0 }
  #run = 0

  constructor(times: LeaseTimes) {
    this.#times = times
  }

  /** The server ends; whoever was connected is not any more. */
  stops(how: 'closes' | 'crashes', nowMs: number): void {
    const run = this.#run++
    for (const [clientId, lives] of this.#lives) {
      const person = lives.at(-1) as Person
      // Whoever did not come back in this run is stored as after the one before.
      const storedSeenAtMs = person.run === run ? this.#storedSeenAtMs(clientId, how, nowMs) : person.storedSeenAtMs
      this.#lives.set(clientId, [{ ...person, link: null, storedSeenAtMs }])
    }
  }

  #storedSeenAtMs(clientId: number, how: 'closes' | 'crashes', nowMs: number): number {
    const packets = this.#packets.get(clientId) ?? []
    // A server that stands still writes nothing either.
    const ranMs = ({ atMs, stalled }: Moment) => nowMs - atMs - (this.#stalled.atMostMs - stalled.atMostMs)
    const written = packets.filter((packet) => how === 'closes' || ranMs(packet) >= storedLateMs)
    return written.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY
  }

  stalls(ms: number): void {
    const { atLeastMs, atMostMs } = this.#stalled
    const noticedMs = ms > stallMinMs + beatMs ? ms - beatMs : 0
    this.#stalled = { atLeastMs: atLeastMs + noticedMs, atMostMs: atMostMs + ms }
  }

  knocks(clientId: number, nowMs: number): void {
    this.#knocks.set(clientId, { atMs: nowMs, stalled: this.#stalled })
  }

  connects(clientId: number, link: object, nowMs: number): void {
    const seen = this.#seen(clientId, nowMs)
    this.#lives.set(clientId, [
      ...this.#lately(clientId, nowMs),
      { sinceMs: nowMs, link, seen, lost: seen, run: this.#run, storedSeenAtMs: 0 },
    ])
  }

  packet(clientId: number, link: object, nowMs: number): void {
    if (this.#person(clientId)?.link !== link) return
    const seen = this.#seen(clientId, nowMs)
    this.#change(clientId, { seen }, nowMs)
  }

  loses(clientId: number, link: object, nowMs: number): void {
    if (this.#person(clientId)?.link !== link) return
    this.#change(clientId, { link: null, lost: { atMs: nowMs, stalled: this.#stalled } }, nowMs)
  }

  #person(clientId: number): Person | undefined {
    return this.#lives.get(clientId)?.at(-1)
  }

  #seen(clientId: number, atMs: number): Moment {
    const seen = { atMs, stalled: this.#stalled }
    this.#packets.set(clientId, [...(this.#packets.get(clientId) ?? []).slice(-packetsKept), seen])
    return seen
  }

  #change(clientId: number, change: Partial<Person>, nowMs: number): void {
    const person = { ...(this.#person(clientId) as Person), ...change, sinceMs: nowMs }
    this.#lives.set(clientId, [...this.#lately(clientId, nowMs), person])
  }

  /** What was known until so lately that something told now may have been decided by it. */
  #lately(clientId: number, nowMs: number): Person[] {
    const lives = this.#lives.get(clientId) ?? []
    return lives.filter((_, i) => (lives[i + 1]?.sinceMs ?? nowMs) >= nowMs - this.#times.latenessMs)
  }

  /** Until when a held entry may be there at the longest. */
  heldUntilMs({ clientId, heldTtlMs }: MirrorRow): number {
    const person = this.#person(clientId)
    if (!person) return Number.NEGATIVE_INFINITY
    const endsMs = ({ atMs, stalled }: Moment, ms: number) => atMs + ms + this.#stalled.atMostMs - stalled.atMostMs
    const byProofMs = endsMs(person.seen, heldTtlMs)
    if (person.run !== this.#run)
      return Math.max(byProofMs, endsMs(this.#knocks.get(clientId) ?? person.seen, heldTtlMs))
    if (person.link !== null) return byProofMs
    return Math.min(byProofMs, endsMs(person.lost, this.#times.graceMs))
  }

  /** By how much a held entry was lost too early; 0 when it was not. */
  lostTooEarlyMs({ clientId, heldTtlMs }: MirrorRow, nowMs: number): number {
    const early = this.#lately(clientId, nowMs).map((person, i, lives) => {
      const untilMs = lives[i + 1]?.sinceMs ?? nowMs
      return Math.max(0, this.#heldAtLeastUntilMs(person, heldTtlMs) - untilMs + 1)
    })
    return early.length === 0 ? 0 : Math.min(...early)
  }

  #heldAtLeastUntilMs(person: Person, heldTtlMs: number): number {
    const endsMs = ({ atMs, stalled }: Moment, ms: number) => atMs + ms + this.#stalled.atLeastMs - stalled.atLeastMs
    if (person.run !== this.#run) return person.storedSeenAtMs + heldTtlMs
    const byProofMs = endsMs(person.seen, heldTtlMs)
    return person.link === null ? Math.min(byProofMs, endsMs(person.lost, this.#times.graceMs)) : byProofMs
  }
}
