import type { Poll } from '../usePoll.ts'
import type { Vitals } from '../useVitals.ts'

const words: Readonly<Record<string, string>> = {
  unknown: 'Asking…',
  unreachable: 'Does not answer',
  starting: 'Starting',
  ready: 'Ready',
  degraded: 'Degraded',
  overloaded: 'Overloaded',
  draining: 'Draining',
}

/** What `/readyz` says, in one word; the reason is in its title. */
export function Health({ vitals: { value, error } }: { readonly vitals: Poll<Vitals> }) {
  const status = error === undefined ? (value?.readiness.status ?? 'unknown') : 'unreachable'
  const isStoreFailing = value?.readiness.store === 'failing'
  return (
    <p
      className="pill"
      role="status"
      data-testid="health"
      data-status={status}
      title={error instanceof Error ? error.message : isStoreFailing ? 'The database cannot be written.' : undefined}
    >
      <span className="pill-dot" aria-hidden="true" />
      <span>
        {words[status] ?? status}
        {error === undefined && isStoreFailing && <span className="wide-only">: the database cannot be written</span>}
      </span>
    </p>
  )
}
