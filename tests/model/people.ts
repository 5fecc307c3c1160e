import type { MirrorRow } from './mirror.ts'

/** A put as the server received it. */
interface ReceivedPut {
  readonly json: string
  readonly heldTtlMs: number
  readonly expiresAtMs: number
}

/** What the server could know of one client's life. */
interface Person {
  /** The connection that counts; null without one. */
  link: object | null
  seenAtMs: number
  /** When its last packets came, oldest first. */
  packets: Packet[]
  seenStalledMs: Stalled
  lostAtMs: number
  lostStalledMs: Stalled
  /** The run of the server in which it was last connected. */
  run: number
  /** When the last run's store must have had it seen, at the earliest. */
  storedSeenAtMs: number
}

interface Packet {
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
  readonly heldTtlMinMs: number
}

// The beat that measures a stall comes twice a second, and stalls under a second are none (L7).
const beatMs = 500
const stallMinMs = 1_000
// What a crashed server had written of its clients' last packets is so old: a quarter of heldTtlMinMs, and the write (R3).
const storedLateMs = 6_000

/** All clients as the server's wires have heard them, over all of its runs. Moments are on the server's clock. */
export class People {
  readonly #times: LeaseTimes
  readonly #people = new Map<number, Person>()
  readonly #puts = new Map<string, Map<number, ReceivedPut[]>>()
  #stalled: Stalled = { atLeastMs: 0, atMostMs: 0 }
  #run = 0

  constructor(times: LeaseTimes) {
    this.#times = times
  }

  /** The server ends; whoever was connected is not any more. */
  stops(how: 'closes' | 'crashes', nowMs: number): void {
    const run = this.#run++
    for (const person of this.#people.values()) {
      person.link = null
      // Whoever did not come back in this run is stored as after the one before.
      if (person.run !== run) continue
      // A server that stands still writes nothing either.
      const ranMs = ({ atMs, stalled }: Packet) => nowMs - atMs - (this.#stalled.atMostMs - stalled.atMostMs)
      const written = person.packets.filter((packet) => how === 'closes' || ranMs(packet) >= storedLateMs)
      person.storedSeenAtMs = written.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY
    }
  }

  stalls(ms: number): void {
    const { atLeastMs, atMostMs } = this.#stalled
    const noticedMs = ms > stallMinMs + beatMs ? ms - beatMs : 0
    this.#stalled = { atLeastMs: atLeastMs + noticedMs, atMostMs: atMostMs + ms }
  }

  connects(clientId: number, link: object, nowMs: number): void {
    const packets = [...(this.#people.get(clientId)?.packets ?? []), { atMs: nowMs, stalled: this.#stalled }].slice(-20)
    const seen = { seenAtMs: nowMs, packets, seenStalledMs: this.#stalled, storedSeenAtMs: 0 }
    this.#people.set(clientId, { link, ...seen, lostAtMs: 0, lostStalledMs: this.#stalled, run: this.#run })
  }

  packet(clientId: number, link: object, nowMs: number): void {
    const person = this.#people.get(clientId)
    if (person?.link !== link) return
    Object.assign(person, { seenAtMs: nowMs, seenStalledMs: this.#stalled })
    if (person.packets.at(-1)?.atMs === nowMs) return
    person.packets = [...person.packets.slice(-20), { atMs: nowMs, stalled: this.#stalled }]
  }

  loses(clientId: number, link: object, nowMs: number): void {
    const person = this.#people.get(clientId)
    if (person?.link === link) Object.assign(person, { link: null, lostAtMs: nowMs, lostStalledMs: this.#stalled })
  }

  isConnected(clientId: number): boolean {
    return this.#people.get(clientId)?.link != null
  }

  put(clientId: number, key: string, n: number, json: string, ttlMs: number, isHeld: boolean, nowMs: number): void {
    const name = `${clientId} ${key}`
    const byNumber = this.#puts.get(name) ?? new Map<number, ReceivedPut[]>()
    this.#puts.set(name, byNumber)
    const heldTtlMs = isHeld ? Math.max(ttlMs, this.#times.heldTtlMinMs) : 0
    byNumber.set(n, [...(byNumber.get(n) ?? []), { json, heldTtlMs, expiresAtMs: isHeld ? 0 : nowMs + ttlMs }])
  }

  /** Why an entry that the server tells is none that its client put. */
  whyNotPut({ clientId, n, json, heldTtlMs, expiresAtMs }: MirrorRow, key: string): string | undefined {
    const puts = this.#puts.get(`${clientId} ${key}`)?.get(n)
    if (!puts) return `put ${n} was never received`
    if (puts.some((put) => put.json === json && put.heldTtlMs === heldTtlMs && put.expiresAtMs === expiresAtMs))
      return undefined
    return `put ${n} was ${JSON.stringify(puts)}, told as ${JSON.stringify({ json, heldTtlMs, expiresAtMs })}`
  }

  /** Until when a held entry may be there at the longest. */
  heldUntilMs({ clientId, heldTtlMs }: MirrorRow): number {
    const person = this.#people.get(clientId)
    if (!person) return Number.NEGATIVE_INFINITY
    const stalledMs = (since: Stalled) => this.#stalled.atMostMs - since.atMostMs
    const byProofMs = person.seenAtMs + heldTtlMs + stalledMs(person.seenStalledMs)
    if (person.link !== null || person.run !== this.#run) return byProofMs
    return Math.min(byProofMs, person.lostAtMs + this.#times.graceMs + stalledMs(person.lostStalledMs))
  }

  /** Why an entry may not have run out yet. */
  whyTooEarly(row: MirrorRow, key: string, reason: 'expired' | 'lost', nowMs: number): string | undefined {
    if (reason === 'expired') {
      const puts = [...(this.#puts.get(`${row.clientId} ${key}`) ?? [])].filter(([n]) => n >= row.n)
      const isOver = puts.some(([, same]) => same.some(({ expiresAtMs }) => expiresAtMs > 0 && expiresAtMs < nowMs))
      return isOver ? undefined : `expired at ${nowMs}, and its lease went to ${row.expiresAtMs}`
    }
    const person = this.#people.get(row.clientId)
    if (!person) return undefined
    const stalledMs = (since: Stalled) => this.#stalled.atLeastMs - since.atLeastMs
    const isResumed = person.run !== this.#run
    const seenAtMs = isResumed ? person.storedSeenAtMs : person.seenAtMs + stalledMs(person.seenStalledMs)
    const proofEndsMs = seenAtMs + row.heldTtlMs
    if (nowMs > proofEndsMs) return undefined
    if (isResumed || person.link !== null) return `was lost ${proofEndsMs - nowMs} ms before its lease ended`
    const graceEndsMs = person.lostAtMs + this.#times.graceMs + stalledMs(person.lostStalledMs)
    return nowMs > graceEndsMs ? undefined : `was lost ${graceEndsMs - nowMs} ms before its grace ended`
  }
}
