import { PerformanceObserver } from 'node:perf_hooks'

/** When this thread's engine stopped everything to collect garbage. */
export interface Collections {
  /** How much of a time it took, in milliseconds. */
  within(fromMs: number, toMs: number): number
  forget(): void
}

export function watchCollections(): Collections {
  let known: { readonly fromMs: number; readonly toMs: number }[] = []
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      known.push({ fromMs: startTime, toMs: startTime + duration })
  })
  observer.observe({ entryTypes: ['gc'] })
  return {
    within(fromMs, toMs) {
      for (const { startTime, duration } of observer.takeRecords())
        known.push({ fromMs: startTime, toMs: startTime + duration })
      return known.reduce((sum, gc) => sum + Math.max(0, Math.min(toMs, gc.toMs) - Math.max(fromMs, gc.fromMs)), 0)
    },
    forget: () => (known = []),
  }
}
