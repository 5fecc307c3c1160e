import { derivedKey } from '@app/client'
import { ConnectionBanner, PresenceProvider, useOnlineCount, usePresence } from '@app/react'
import { memo, useCallback, useEffect, useRef, useState } from 'react'
import { isUnauthorized, type Api } from '../api.ts'
import { partNames, type PartName } from '../fold.ts'
import { usePoll } from '../usePoll.ts'
import { counted } from '../words.ts'
import { Entries } from './Entries.tsx'
import { KickDialog, type Kickable } from './KickDialog.tsx'

interface RoomProps {
  readonly api: Api
  readonly room: string
  readonly tenant: string | undefined
}

/** One room, watched live by a client of its own: with the admin token it may read every room, and is in none. */
export const Room = memo(function Room(props: RoomProps) {
  const { api, tenant } = props
  return (
    <PresenceProvider token={`admin:${api.token}${tenant === undefined ? '' : `!${tenant}`}`}>
      <WatchedRoom {...props} />
    </PresenceProvider>
  )
})

// Whether a client holds its entry is told to nobody but the operator.
const stateEveryMs = 2_000

function WatchedRoom({ api, room, tenant }: RoomProps) {
  const { online, users, status } = usePresence(room)
  const [kicking, setKicking] = useState<Kickable | null>(null)
  const [told, setTold] = useState('')
  const title = useRef<HTMLHeadingElement>(null)

  const load = useCallback((signal: AbortSignal) => api.room(room, tenant, signal), [api, room, tenant])
  const { value, error } = usePoll(load, stateEveryMs)
  const held = new Map(value?.entries.map(({ clientId, isHeld }) => [clientId, isHeld]))

  useEffect(() => title.current?.focus(), [])

  const onKicked = useCallback((sentence: string) => {
    setTold(sentence)
    // The button that was pressed goes with its entry.
    title.current?.focus()
  }, [])
  const onClose = useCallback(() => setKicking(null), [])

  return (
    <div className="room">
      <a className="back" href="#/">
        <span aria-hidden="true">←</span> All rooms
      </a>
      <div className="room-head">
        <h1 ref={title} tabIndex={-1} data-testid="room-key">
          {room}
        </h1>
        {tenant !== undefined && <span className="tag">tenant {tenant}</span>}
        <p className="muted" data-testid="room-counts">
          {status === 'loading'
            ? 'Looking who is here…'
            : `${counted(users.length, 'user')} · ${counted(online.length, 'client')}`}
          {status === 'stale' && ', as of when the connection was lost'}
        </p>
      </div>
      <ConnectionBanner />
      <p role="status" className="told" data-testid="told">
        {told}
      </p>
      {error !== undefined && !isUnauthorized(error) && (
        <p role="alert" className="fault">
          {(error as Error).message}
        </p>
      )}
      <section className="card" aria-labelledby="entries-title">
        <h2 id="entries-title">
          Who is here <span className="count">{online.length}</span>
        </h2>
        {online.length === 0 && status !== 'loading' ? (
          <p className="nothing muted">Nobody is in this room.</p>
        ) : (
          <Entries entries={online} held={held} label="entries-title" onKick={setKicking} />
        )}
      </section>
      {partNames.map((part) => (
        <Part key={part} room={room} part={part} />
      ))}
      {kicking && (
        <KickDialog api={api} room={room} tenant={tenant} entry={kicking} onKicked={onKicked} onClose={onClose} />
      )}
    </div>
  )
}

const partWords: Readonly<Record<PartName, string>> = { cursors: 'Cursors', typing: 'Typing' }

/** Cursors move often: they are watched only while somebody has opened them. */
function Part({ room, part }: { readonly room: string; readonly part: PartName }) {
  const key = derivedKey(room, part)
  const count = useOnlineCount(key)
  const [isOpen, setOpen] = useState(false)
  return (
    <details className="card part" data-testid={part} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {partWords[part]} <span className="count">{count}</span>
      </summary>
      {isOpen && <PartEntries room={key} label={partWords[part]} />}
    </details>
  )
}

function PartEntries({ room, label }: { readonly room: string; readonly label: string }) {
  const { online, status } = usePresence(room)
  if (online.length > 0) return <Entries entries={online} label={label} />
  return <p className="nothing muted">{status === 'loading' ? 'Looking…' : 'Nobody at the moment.'}</p>
}
