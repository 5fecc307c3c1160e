import { monitorEventLoopDelay } from 'node:perf_hooks'

const resolutionMs = 5

/** How long the event loop lets a timer wait. */
export interface LoopDelay {
  reset(): void
  p99Ms(): number
  maxMs(): number
}

export function watchLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  // Node records the whole time between two runs of its timer, of which the timer itself is a part.
  const lateMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs)
  return {
    reset: () => histogram.reset(),
    p99Ms: () => lateMs(histogram.percentile(99)),
    maxMs: () => (histogram.count === 0 ? 0 : lateMs(histogram.max)),
  }
}
