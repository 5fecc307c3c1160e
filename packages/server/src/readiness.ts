/** What there is to know of a server that is asked whether it may be sent clients. */
export interface Facts {
  readonly phase: 'starting' | 'running' | 'draining'
  readonly isStoreFailing: boolean
  /** How late its loop comes round. */
  readonly lagMs: number
}

/** What `/readyz` answers. */
export interface Readiness {
  readonly code: 200 | 503
  readonly body: {
    readonly status: 'ready' | 'degraded' | 'overloaded' | Exclude<Facts['phase'], 'running'>
    /** As of the last write: with somebody connected, of the last few seconds. */
    readonly store: 'ok' | 'failing'
    readonly lagMs: number
    readonly draining: boolean
  }
}

// People notice that.
const degradedLagMs = 250
// By then it doubts its own clock (L7).
const overloadedLagMs = 1_000

/**
 * Whether a server is to be sent clients. One that cannot write its store is: presence goes on from memory, and without it
 * nobody would have any. It says so, for whoever looks.
 */
export function readiness({ phase, isStoreFailing, lagMs }: Facts): Readiness {
  const isSlow = lagMs >= degradedLagMs
  const running = lagMs >= overloadedLagMs ? 'overloaded' : isStoreFailing || isSlow ? 'degraded' : 'ready'
  const status = phase === 'running' ? running : phase
  return {
    code: status === 'ready' || status === 'degraded' ? 200 : 503,
    body: {
      status,
      store: isStoreFailing ? 'failing' : 'ok',
      lagMs: Math.round(lagMs),
      draining: phase === 'draining',
    },
  }
}
