import { useCallback, useRef } from 'react'
import type { Api, Readiness } from './api.ts'
import { withSample, type Sample } from './metrics.ts'
import { usePoll, type Poll } from './usePoll.ts'

/** How long the charts reach back, in ms. */
export const shownMs = 120_000
const everyMs = 2_000

/** How the server fares, and has of late. */
export interface Vitals {
  readonly readiness: Readiness
  readonly samples: readonly Sample[]
}

/** The name under which a sample has what `/readyz` says of the event loop. */
export const lagName = 'lag_ms'

export function useVitals(api: Api): Poll<Vitals> {
  const samples = useRef<readonly Sample[]>([])
  const load = useCallback(
    async (signal: AbortSignal) => {
      const [{ atMs, values }, readiness] = await Promise.all([api.metrics(signal), api.readiness(signal)])
      const sample = { atMs, values: new Map(values).set(lagName, readiness.lagMs) }
      samples.current = withSample(samples.current, sample, shownMs)
      return { readiness, samples: samples.current }
    },
    [api],
  )
  return usePoll(load, everyMs)
}
