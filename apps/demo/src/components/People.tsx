import type { RoomStatus } from '@app/client'
import type { OnlineUser } from '@app/react'
import { useFrameWords } from '../frame.ts'
import { statusWords, type Place } from '../place.ts'
import { Avatar } from './Avatar.tsx'
import { Lease } from './Lease.tsx'

interface PeopleProps {
  readonly users: readonly OnlineUser<Place>[]
  readonly status: RoomStatus
}

const shownMax = 5

export function People({ users, status }: PeopleProps) {
  if (status === 'refused') return <p className="muted">The server does not let you into this room.</p>
  if (status === 'loading' && users.length === 0) return <p className="muted">Looking who is here…</p>
  if (users.length === 0) return <p className="muted">Nobody is here. Not even you.</p>
  // Me first: one looks for oneself.
  const sorted = [...users].sort((one, other) => Number(other.isMe) - Number(one.isMe))
  return (
    <ul
      className="people"
      data-testid="members"
      data-room-status={status}
      // So many that the list scrolls: then one does it by keyboard, too.
      tabIndex={users.length > shownMax ? 0 : undefined}
      aria-labelledby="people-title"
    >
      {sorted.map((user) => (
        <Person key={user.userId} person={user} />
      ))}
    </ul>
  )
}

function Person({ person: { user, userId, entries, clientIds, isMe } }: { readonly person: OnlineUser<Place> }) {
  // Of several tabs the one that was put last speaks.
  const place = entries.at(-1)?.data
  const name = user?.name ?? 'A guest'
  const words = useFrameWords()
  const page = place?.page ?? 'room'
  const state = place && Object.hasOwn(statusWords, place.status) ? place.status : 'available'
  return (
    <li className="person" data-testid="member" data-name={name} data-user-id={userId} data-state={state}>
      <Avatar user={user} clientId={clientIds[0]} state={state} />
      <span className="person-text">
        <span className="person-name">
          <span className="person-full-name">{name}</span>
          {isMe && <span className="tag">you</span>}
        </span>
        <span className="muted">
          {statusWords[state]}
          {page !== 'room' && Object.hasOwn(words.pages, page) && (
            <span data-testid="member-page">
              {' '}
              · on <bdi>{words.pages[page]}</bdi>
            </span>
          )}
          {clientIds.length > 1 && (
            <span data-testid="tab-count" data-count={clientIds.length}>
              {' '}
              · {clientIds.length} tabs
            </span>
          )}
        </span>
      </span>
      <Lease entries={entries} isOnce={entries.every(({ data }) => data?.isOnce === true)} />
    </li>
  )
}
