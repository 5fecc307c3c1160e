'use client'
import { useEffect, useRef } from 'react'
import { surface } from '@app/client'
import type { OnlineUser } from './onlineUsers.ts'
import { presenceEvents, type Crowd } from './presenceEvents.ts'
import type { RoomKey, RoomOutput } from './register.ts'
import { useRoom } from './useRoom.ts'
import { whoIsHere } from './whoIsHere.ts'

/** Whom to tell of it, and what counts. */
export interface PresenceEventsOptions<T = unknown> {
  /** Somebody has come who was not here. */
  readonly onJoin?: ((user: OnlineUser<T>) => void) | undefined
  /** Somebody has been gone for `minAbsenceMs`, with the last of their tabs; as they were last seen. */
  readonly onLeave?: ((user: OnlineUser<T>) => void) | undefined
  /** Who is back sooner, after a reload for example, was never gone, in ms. Default: 10 000. */
  readonly minAbsenceMs?: number | undefined
}

/**
 * Tells of users who come and go, for a toast: `usePresenceEvents(room, { onJoin: ({ user }) => toast(user?.name) })`. Handlers
 * may be new at each render, and nothing renders. Not told: me, who was here before I was, and what happened while the
 * connection was lost. Throws `bad-key` during render.
 */
export function usePresenceEvents<K extends RoomKey>(key: K, options: PresenceEventsOptions<RoomOutput<K>>): void {
  const { client, room } = useRoom<unknown, RoomOutput<K>>(key, undefined)
  const latest = useRef(options)
  useEffect(() => {
    latest.current = options
  })
  useEffect(() => {
    if (!room) return undefined
    let crowd: Crowd<OnlineUser<RoomOutput<K>>> = null
    const { clock } = client
    let cancel = () => {}
    const look = () => {
      cancel()
      const nowMs = clock.monotonicMs()
      const { onJoin, onLeave, minAbsenceMs = 10_000 } = latest.current
      const isLive = room.status === 'live'
      const { users } = whoIsHere(room.announced(), client)
      const events = presenceEvents(crowd, users, { isLive, nowMs, minAbsenceMs })
      crowd = events.crowd
      if (events.dueAtMs < Infinity) cancel = clock.after(events.dueAtMs - nowMs, look)
      for (const user of events.left) tell(onLeave, user)
      for (const user of events.joined) tell(onJoin, user)
    }
    const stops = [room.onChange(look), room.onStatus(look), () => cancel()]
    look()
    return () => {
      for (const stop of stops) stop()
    }
  }, [client, room])
}

/** One that throws disturbs nobody (P10). */
function tell<U>(handler: ((user: U) => void) | undefined, user: U): void {
  try {
    handler?.(user)
  } catch (error) {
    surface(error)
  }
}
