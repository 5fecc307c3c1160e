import type { PresenceEntry } from '@app/client'
import { userColor } from '@app/react'
import { memo, useState } from 'react'
import { Data } from './Data.tsx'
import type { Kickable } from './KickDialog.tsx'
import { Lease } from './Lease.tsx'

interface EntriesProps {
  readonly entries: readonly PresenceEntry[]
  /** By clientId, whether the client holds its entry; undefined where that is not known. */
  readonly held?: ReadonlyMap<number, boolean>
  /** The id of what names the list, or its name. */
  readonly label: string
  readonly onKick?: (entry: Kickable) => void
}

// More than one reads; each costs some milliseconds to draw.
const shownStep = 100

export function Entries({ entries, held, label, onKick }: EntriesProps) {
  const [most, setMost] = useState(shownStep)
  return (
    <>
      <ul
        className="entries"
        data-testid="entries"
        {...(onKick ? { 'aria-labelledby': label } : { 'aria-label': label })}
      >
        {entries.slice(0, most).map((entry) => (
          <EntryRow key={entry.clientId} entry={entry} isHeld={held?.get(entry.clientId)} onKick={onKick} />
        ))}
      </ul>
      {entries.length > most && (
        <button type="button" className="button more" onClick={() => setMost(most + shownStep)}>
          Show {Math.min(shownStep, entries.length - most)} more of {entries.length}
        </button>
      )}
    </>
  )
}

interface EntryRowProps {
  readonly entry: PresenceEntry
  readonly isHeld: boolean | undefined
  readonly onKick: ((entry: Kickable) => void) | undefined
}

const EntryRow = memo(function EntryRow({ entry, isHeld, onKick }: EntryRowProps) {
  const { clientId, user, data, expiresAtMs } = entry
  const { color, textColor } = userColor(user, clientId)
  // Below zero: a program put it, by the HTTP interface.
  const isWritten = clientId < 0
  const name = user?.name ?? user?.id ?? (isWritten ? 'A program' : 'A guest')
  return (
    <li className="entry" data-testid="entry" data-client-id={clientId} data-user-id={user?.id}>
      <span className="avatar" style={{ backgroundColor: color, color: textColor }} aria-hidden="true">
        {Array.from(name)[0]?.toUpperCase()}
      </span>
      <span className="who">
        <span className="who-name">{name}</span>
        <span className="muted who-more">
          {user && user.id !== name && <span className="who-id">{user.id}</span>}
          <span className="digits">
            {isWritten ? 'entry' : 'client'} {clientId}
          </span>
        </span>
      </span>
      <Lease expiresAtMs={expiresAtMs} isHeld={isHeld} />
      <Data data={data} />
      {onKick && (
        <button
          type="button"
          className="button small"
          aria-label={`${isWritten ? 'Remove' : 'Kick'} ${name}, ${clientId}`}
          onClick={() => onKick({ clientId, name })}
        >
          {isWritten ? 'Remove' : 'Kick'}
        </button>
      )}
    </li>
  )
})
