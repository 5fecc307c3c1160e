import type { RoomPresence } from '@app/react'
import { useState } from 'react'
import { Board } from '../components/Board.tsx'
import { MyPlace } from '../components/MyPlace.tsx'
import { People } from '../components/People.tsx'
import { Talk } from '../components/Talk.tsx'
import type { Place, Status } from '../place.ts'

interface RoomPageProps {
  readonly room: string
  readonly roomKey: string
  readonly name: string
  readonly presence: RoomPresence<Place, Place, Place | undefined>
}

/** Who is here, and for how long that is promised. */
export function RoomPage({ room, roomKey, name, presence }: RoomPageProps) {
  const { users, count, self, update, heartbeat, leave } = presence
  const [status, setStatus] = useState<Status>(self?.data.status ?? 'available')
  const isAlone = presence.status === 'live' && users.every(({ isMe }) => isMe)
  return (
    <div className="room">
      <Board room={room} roomKey={roomKey} name={name} isAlone={isAlone} isHere={self !== null} />
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
        <Talk roomKey={roomKey} />
      </aside>
    </div>
  )
}
