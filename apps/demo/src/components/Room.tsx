import { usePresence } from '@app/react'
import { useEffect, useState } from 'react'
import type { Visit } from '../visit.ts'
import { Board } from './Board.tsx'
import { Header } from './Header.tsx'
import { MyPlace, type Place, type Status } from './MyPlace.tsx'
import { People } from './People.tsx'
import { Talk } from './Talk.tsx'

/** My place is the only entry of the page that is held by hand; cursors, typing and talk look after themselves. */
export function Room({ visit: { room, key, user } }: { readonly visit: Visit }) {
  const [status, setStatus] = useState<Status>('available')
  const presence = usePresence<Place>(key, { data: { status } })
  const { users, count, self, update, heartbeat, leave } = presence
  const isAlone = presence.status === 'live' && users.every(({ isMe }) => isMe)

  useEffect(() => {
    document.title = count > 1 ? `(${count}) ${room} · Presence` : `${room} · Presence`
  }, [count, room])

  return (
    <div className="page">
      <Header room={room} />
      <main className="room">
        <Board room={room} roomKey={key} name={user.name} isAlone={isAlone} isHere={self !== null} />
        <aside className="side" aria-label="The room">
          <section className="card" aria-labelledby="people-title">
            <h2 id="people-title">
              Who is here{' '}
              <span className="count" data-testid="online-count">
                {count}
              </span>
            </h2>
            <People users={users} status={presence.status} />
            <MyPlace
              status={status}
              isHere={self !== null}
              isOnce={self?.data.isOnce === true}
              onStatus={(next) => {
                setStatus(next)
                update({ status: next })
              }}
              onLeave={leave}
              onComeBack={() => update({ status })}
              onHeartbeat={(ttlMs) => heartbeat({ status, isOnce: true }, ttlMs)}
            />
          </section>
          <Talk roomKey={key} />
        </aside>
      </main>
    </div>
  )
}
