'use client'
import { useContext, useMemo } from 'react'
import { InitialContext } from './InitialContext.ts'
import { onlineUsers } from './onlineUsers.ts'
import type { RoomKey } from './register.ts'
import { usePresenceClient } from './usePresenceClient.ts'
import { useStore, type Store } from './useStore.ts'

/**
 * How many users are in a room, for a component that need not know who: `useOnlineCount('pr:room-123')`. 0 until the server
 * has said it; while the connection is lost, what it said last.
 *
 * The room is not entered, so it costs at most one small message a second, however many come and go; the number follows
 * by up to a second. A component renders only when it is another. A user with two tabs is one, a client without a user is
 * one of its own, and I am counted when I am there. Throws `bad-key` during render.
 */
export function useOnlineCount(room: RoomKey): number {
  const client = usePresenceClient()
  const initial = useContext(InitialContext)?.[room]
  const store = useMemo((): Store<number> => {
    const count = client.count(room)
    const first = initial ? onlineUsers(initial, client).length : 0
    return {
      subscribe: (listener) => count.onChange(listener),
      getSnapshot: () => count.value()?.users ?? first,
      getServerSnapshot: () => first,
    }
  }, [client, room, initial])
  return useStore(store)
}
