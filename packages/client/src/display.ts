import type { LeftReason } from './presence.ts'
import type { Lease, Touched } from './replica.ts'
import { isSame, show, type Candidate, type Deadlines, type Shown } from './shown.ts'
import type { RawChange } from './view.ts'

/** A lease that has no end here: the server, or the track behind it, will end it. */
export const never = Infinity

/** What a display asks of its room. */
export interface DisplaySource extends Deadlines {
  /** What there is to show of a client. */
  candidate(clientId: number): Candidate | null
  /** When a lease ends by my own clock; `never` when only the server can tell. */
  deadlineAtMs(clientId: number, lease: Lease): number
}

/** What a room shows: the live entries, and nothing that has run out (P2). */
export class Display {
  readonly shown = new Map<number, Shown>()
  readonly #source: DisplaySource
  #nextDeadlineMs = never

  constructor(source: DisplaySource) {
    this.#source = source
  }

  /** No entry ends before this moment. */
  get nextDeadlineMs(): number {
    return this.#nextDeadlineMs
  }

  /** Brings what is shown of the touched clients up to date; returns the difference. */
  reconcile(touched: Touched, nowMs: number): readonly RawChange[] {
    const changes: RawChange[] = []
    for (const [clientId, reason] of touched) {
      const before = this.shown.get(clientId)
      const candidate = this.#source.candidate(clientId)
      const deadlineMs = candidate ? this.#source.deadlineAtMs(clientId, candidate.lease) : never
      if (!candidate || nowMs > deadlineMs) {
        if (!before) continue
        this.#remove(before)
        changes.push({ before, after: undefined, reason: candidate ? reasonOfEnd(candidate.lease) : reason })
        continue
      }
      this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, deadlineMs)
      if (before && isSame(before, candidate)) {
        before.lease = candidate.lease
        before.joinedAtMs = candidate.joinedAtMs
        continue
      }
      const after = show(clientId, candidate, this.#source)
      this.shown.set(clientId, after)
      changes.push({ before, after, reason })
    }
    return changes
  }

  /** The clients whose entries have run out. */
  overdue(nowMs: number): Touched {
    const over: Touched = new Map()
    if (nowMs <= this.#nextDeadlineMs) return over
    this.lookAtDeadlines()
    for (const { clientId, lease } of this.shown.values()) {
      if (nowMs > this.#source.deadlineAtMs(clientId, lease)) over.set(clientId, reasonOfEnd(lease))
    }
    return over
  }

  /** Looks for the next deadline anew: a lost connection gives deadlines to leases that had none. */
  lookAtDeadlines(): void {
    this.#nextDeadlineMs = never
    for (const { clientId, lease } of this.shown.values()) {
      this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, this.#source.deadlineAtMs(clientId, lease))
    }
  }

  #remove(shown: Shown): void {
    // Whoever keeps the entry keeps its last deadline.
    shown.lease = { heldTtlMs: 0, expiresAtMs: this.#source.tellDeadline(shown) }
    this.shown.delete(shown.clientId)
  }
}

function reasonOfEnd(lease: Lease): LeftReason {
  return lease.heldTtlMs > 0 ? 'lost' : 'expired'
}
