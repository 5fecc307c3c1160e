/**
 * Counts what React commits. React looks for this hook once, when react-dom is loaded, and tells it of every commit also in
 * a production build (its profiler does not), so this module has to be the first that runs. Developer tools that are there
 * before are still told.
 */
interface CommitHook {
  readonly renderers: Map<number, unknown>
  readonly supportsFiber: boolean
  inject(renderer: unknown): number
  onCommitFiberRoot?: (...args: unknown[]) => unknown
  onCommitFiberUnmount?: (...args: unknown[]) => unknown
}

const page = globalThis as { __REACT_DEVTOOLS_GLOBAL_HOOK__?: CommitHook }
const hook = (page.__REACT_DEVTOOLS_GLOBAL_HOOK__ ??= {
  renderers: new Map(),
  supportsFiber: true,
  inject: () => 1,
  onCommitFiberUnmount: () => {},
})

let commits = 0
const before = hook.onCommitFiberRoot?.bind(hook)
hook.onCommitFiberRoot = (...args) => {
  commits++
  return before?.(...args)
}

/** How often React has committed in this page. */
export function countCommits(): number {
  return commits
}
