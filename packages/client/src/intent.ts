import type { Lease } from './replica.ts'

/**
 * `waiting` to be sent, `sent`, or `confirmed` by the server. An intent that was not confirmed when the connection
 * was lost waits again, under the same number (P7).
 */
export type Phase = 'waiting' | 'sent' | 'confirmed'

/** My entry as I want it: the newest call, which wins over whatever the server still says of an older one. */
export interface PutIntent {
  readonly kind: 'put'
  readonly n: number
  readonly phase: Phase
  readonly json: string
  readonly data: unknown
  /** What the caller gave, for `update(fn)`. */
  readonly input: unknown
  /** A timed lease runs here from the call; once confirmed, its end is the server's stamp. */
  readonly lease: Lease
  readonly ttlMs: number
  readonly joinedAtMs: number
  /** It has met a time without a connection: only what is left of its lease is sent. */
  readonly wasOffline: boolean
}

/** I want no entry. `confirmed`: the server needs not be told (any more). */
export interface LeaveIntent {
  readonly kind: 'leave'
  readonly n: number
  readonly phase: Phase
}

export type Intent = PutIntent | LeaveIntent

/** Whether it is a put that holds an entry for as long as I am here. */
export function isHeld(intent: Intent | null): boolean {
  return intent?.kind === 'put' && intent.lease.heldTtlMs > 0
}

/** The connection was lost. */
export function disconnected(intent: Intent): Intent {
  if (intent.phase === 'confirmed') return intent
  return intent.kind === 'leave' ? { ...intent, phase: 'waiting' } : { ...intent, phase: 'waiting', wasOffline: true }
}

/** The server has taken every put and leave up to `n`. */
export function taken(intent: Intent, n: number): Intent {
  return intent.n <= n && intent.phase === 'sent' ? { ...intent, phase: 'confirmed' } : intent
}

/** The estimate of the server's clock moved: deadlines that were estimated with it keep their time left (C1). */
export function clockMoved(intent: Intent, byMs: number): Intent {
  if (intent.kind === 'leave' || intent.phase === 'confirmed') return intent
  const { lease } = intent
  return {
    ...intent,
    lease: isHeld(intent) ? lease : { ...lease, expiresAtMs: lease.expiresAtMs + byMs },
    joinedAtMs: intent.joinedAtMs + byMs,
  }
}

/** What to say of a lease on the wire: all of it, or after a time without a connection what is left. */
export function ttlToSend(intent: PutIntent, nowMs: number): number {
  return isHeld(intent) || !intent.wasOffline ? intent.ttlMs : intent.lease.expiresAtMs - nowMs
}
