import type { MirrorRow } from './mirror.ts'

/** A put as the server received it. */
interface ReceivedPut {
  readonly json: string
  readonly ttlMs: number
  readonly heldTtlMs: number
  readonly expiresAtMs: number
}

/** Every put that the server's wires have heard, over all of its runs: what it tells must be one of them. */
export class Puts {
  readonly #heldTtlMinMs: number
  readonly #received = new Map<string, Map<number, ReceivedPut[]>>()

  constructor(heldTtlMinMs: number) {
    this.#heldTtlMinMs = heldTtlMinMs
  }

  receive(clientId: number, key: string, n: number, json: string, ttlMs: number, isHeld: boolean, nowMs: number): void {
    const name = `${clientId} ${key}`
    const byNumber = this.#received.get(name) ?? new Map<number, ReceivedPut[]>()
    this.#received.set(name, byNumber)
    const heldTtlMs = isHeld ? Math.max(ttlMs, this.#heldTtlMinMs) : 0
    // One number may come several times, each with what was left by then; a server that started anew takes it again.
    byNumber.set(n, [...(byNumber.get(n) ?? []), { json, ttlMs, heldTtlMs, expiresAtMs: isHeld ? 0 : nowMs + ttlMs }])
  }

  /** The server starts anew: of a lease it leaves no more than all of it, also where the clock has gone back since (R1). */
  restart(nowMs: number): void {
    for (const byNumber of this.#received.values())
      for (const [n, puts] of byNumber)
        byNumber.set(
          n,
          puts.map((put) => ({ ...put, expiresAtMs: Math.min(put.expiresAtMs, nowMs + put.ttlMs) })),
        )
  }

  /** Why an entry that the server tells is none that its client put. */
  whyNot({ clientId, n, json, heldTtlMs, expiresAtMs }: MirrorRow, key: string): string | undefined {
    const puts = this.#received.get(`${clientId} ${key}`)?.get(n)
    if (!puts) return `put ${n} was never received`
    if (puts.some((put) => put.json === json && put.heldTtlMs === heldTtlMs && put.expiresAtMs === expiresAtMs))
      return undefined
    return `put ${n} was ${JSON.stringify(puts)}, told as ${JSON.stringify({ json, heldTtlMs, expiresAtMs })}`
  }

  /** Whether the entry's timed lease, or that of a later put which nobody was told of, is over: after its end, not at it. */
  isOver({ clientId, n }: MirrorRow, key: string, nowMs: number): boolean {
    const later = [...(this.#received.get(`${clientId} ${key}`) ?? [])].filter(([number]) => number >= n)
    return later.some(([, puts]) => puts.some(({ expiresAtMs }) => expiresAtMs > 0 && expiresAtMs < nowMs))
  }
}
