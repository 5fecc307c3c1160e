/** What a page has cost so far: commits of React, and tasks over 50 ms, by their length in ms. */
export interface Costs {
  readonly commits: number
  readonly longTasksMs: readonly number[]
}

/** Runs in the page, before anything else there: counts in `window.costs` what the page costs. */
export function countCosts(): void {
  const costs = { commits: 0, longTasksMs: [] as number[] }
  // React tells this hook of every commit, also in production; it is what its developer tools listen to.
  const hook = {
    supportsFiber: true,
    inject: () => 1,
    onCommitFiberUnmount() {},
    onCommitFiberRoot: () => costs.commits++,
  }
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) costs.longTasksMs.push(Math.round(duration))
  }).observe({ entryTypes: ['longtask'] })
  Object.assign(window, { costs, __REACT_DEVTOOLS_GLOBAL_HOOK__: hook })
}
