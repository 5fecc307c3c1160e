import { statusWords, type Status } from '../place.ts'

const statuses = Object.keys(statusWords) as Status[]

const onceMs = 10_000

interface MyPlaceProps {
  readonly status: Status
  readonly isHere: boolean
  /** Here by one heartbeat, and soon gone. */
  readonly isOnce: boolean
  readonly onStatus: (status: Status) => void
  readonly onLeave: () => void
  readonly onComeBack: () => void
  readonly onHeartbeat: (ttlMs: number) => void
}

export function MyPlace({ status, isHere, isOnce, onStatus, onLeave, onComeBack, onHeartbeat }: MyPlaceProps) {
  return (
    <div className="my-place">
      <fieldset className="segments">
        <legend className="visually-hidden">My status</legend>
        {statuses.map((each) => (
          <label key={each} className="segment" data-state={each}>
            <input
              type="radio"
              name="status"
              className="visually-hidden"
              value={each}
              checked={isHere && status === each}
              onChange={() => onStatus(each)}
              onClick={() => isHere || onStatus(each)}
              data-testid={`status-${each}`}
            />
            {statusWords[each]}
          </label>
        ))}
      </fieldset>
      <div className="buttons">
        {isHere && !isOnce ? (
          <button type="button" className="button" data-testid="leave" onClick={onLeave}>
            Leave
          </button>
        ) : (
          <button type="button" className="button primary" data-testid="come-back" onClick={onComeBack}>
            {isHere ? 'Stay' : 'Come back'}
          </button>
        )}
        <button type="button" className="button" data-testid="heartbeat-once" onClick={() => onHeartbeat(onceMs)}>
          Heartbeat once (10 s)
        </button>
      </div>
      <p className="hint">
        {isOnce
          ? 'Nobody renews this heartbeat. When it has run out, this tab is gone, here and everywhere.'
          : isHere
            ? 'You are held here while this tab lives. One heartbeat holds you for ten seconds only.'
            : 'This tab is not in the room now. It still sees the others.'}
      </p>
    </div>
  )
}
