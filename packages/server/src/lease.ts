/** What shows that a client lives: the moment of its last packet. One per connection; its held leases share it. */
export interface Proof {
  seenAtMs: number
}

/** A lease that its client renews by putting again. It ends at a moment, whatever becomes of the connection. */
export interface TimedLease {
  readonly kind: 'timed'
  readonly ttlMs: number
  readonly expiresAtMs: number
}

/** A lease that lives while its connection proves alive. It ends `ttlMs` after the last packet. */
export interface HeldLease {
  readonly kind: 'held'
  readonly ttlMs: number
  readonly proof: Proof
}

/** A held lease whose connection was lost: it ends at a moment, unless its client comes back before. */
export interface LostLease {
  readonly kind: 'lost'
  readonly ttlMs: number
  readonly expiresAtMs: number
}

export type Lease = TimedLease | HeldLease | LostLease

export function timedLease(ttlMs: number, nowMs: number): TimedLease {
  return { kind: 'timed', ttlMs, expiresAtMs: nowMs + ttlMs }
}

export function heldLease(ttlMs: number, proof: Proof): HeldLease {
  return { kind: 'held', ttlMs, proof }
}

/** A held lease; the one before, when it is the same, as with nearly every move. */
export function holdAgain(before: Lease | undefined, ttlMs: number, proof: Proof): HeldLease {
  return before?.kind === 'held' && before.ttlMs === ttlMs && before.proof === proof ? before : heldLease(ttlMs, proof)
}

/** What becomes of a lease when its connection is lost (L3): a timed one stays as it is (L1). */
export function lose(lease: Lease, graceMs: number, nowMs: number): Lease {
  if (lease.kind !== 'held') return lease
  return { kind: 'lost', ttlMs: lease.ttlMs, expiresAtMs: Math.min(expiresAtMs(lease), nowMs + graceMs) }
}

/** What becomes of a lease when its client is back: held again, by the new connection. */
export function hold(lease: Lease, proof: Proof): Lease {
  return lease.kind === 'timed' ? lease : heldLease(lease.ttlMs, proof)
}

/** The last moment at which the lease still runs, as far as can be said now. */
export function expiresAtMs(lease: Lease): number {
  return lease.kind === 'held' ? lease.proof.seenAtMs + lease.ttlMs : lease.expiresAtMs
}

/** Expired is later than the deadline, not at it (P2). */
export function isExpired(lease: Lease, nowMs: number): boolean {
  return nowMs > expiresAtMs(lease)
}

/** Whether peers see the same lease: to them a held one does not change when its connection is lost. */
export function looksTheSame(a: Lease, b: Lease): boolean {
  if (a === b) return true
  if (a.kind === 'timed' || b.kind === 'timed') return a.kind === b.kind && expiresAtMs(a) === expiresAtMs(b)
  return a.ttlMs === b.ttlMs
}
