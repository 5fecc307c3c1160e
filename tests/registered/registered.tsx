/*
 * Checked by the compiler and never run. A program of its own, because what is registered holds for all of a program: with
 * one `declare module` the key of a room says what it holds.
 */
import type { PresenceEntry } from '@app/client'
import {
  AvatarStack,
  Cursors,
  PresenceDot,
  PresenceProvider,
  TypingIndicator,
  useCursors,
  useIdle,
  useOnlineCount,
  useOnlineUsers,
  useOthers,
  usePresence,
  usePresenceEvents,
  useSelf,
  useTyping,
  useUpdatePresence,
  type OnlineUser,
  type RoomInput,
  type RoomOutput,
} from '@app/react'
import { z } from 'zod'
import { rooms } from './rooms.ts'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(_isSame: Same<A, B>): void {}

interface Board {
  x: number
  label: string
}
interface Status {
  status: 'here' | 'away'
}
interface Page {
  page: number
}

export function Everything({ id, key }: { readonly id: string; readonly key: string }) {
  // Literal keys, with stars and without: the most precise pattern says what a room holds.
  const board = usePresence('pr:board', { data: { x: 1 } })
  same<typeof board.others, readonly PresenceEntry<Board>[]>(true)
  board.update((current) => ({ ...current, x: current.x + 1 }))
  board.heartbeat({ x: 2 }, 5_000)
  same<RoomInput<'pr:board'>, { x: number; label?: string | undefined }>(true)
  same<RoomOutput<'pr:room-7'>, Status>(true)
  same<RoomOutput<'pr:room-lobby'>, Page>(true)
  // A star is within a segment; two go across.
  same<RoomOutput<'pr:docs/7'>, Page>(true)
  same<RoomOutput<'pr:docs/7/notes'>, { anything: string }>(true)

  // A key that is put together.
  const watched = usePresence(`pr:room-${id}`)
  same<typeof watched.self, PresenceEntry<Status> | null>(true)
  watched.update((current) => ({ status: current?.status === 'here' ? 'away' : 'here' }))
  const names = useOthers(`pr:room-${id}`, (others) => others.map(({ data }) => data.status))
  same<typeof names, ('here' | 'away')[]>(true)
  const self = useSelf('pr:board')
  same<typeof self, PresenceEntry<Board> | null>(true)
  const others = useOthers('pr:board')
  same<typeof others, readonly PresenceEntry<Board>[]>(true)
  useUpdatePresence('pr:room-7')({ status: 'away' })
  useOnlineCount('pr:room-7')
  const users = useOnlineUsers('pr:board')
  same<typeof users, readonly OnlineUser<Board>[]>(true)
  usePresenceEvents('pr:room-7', { onJoin: (user) => same<typeof user, OnlineUser<Status>>(true) })
  useTyping('pr:room-7')
  useCursors('pr:room-7', { live: true })

  // A schema of its own, as without all this.
  const own = usePresence('pr:elsewhere', { schema: z.object({ own: z.boolean() }) })
  same<typeof own.self, PresenceEntry<{ own: boolean }> | null>(true)

  // @ts-expect-error No pattern means this key.
  usePresence('pr:bord')
  // @ts-expect-error Nor this one.
  useOthers('pr:rooms', (all) => all.length)
  // @ts-expect-error Any text may be wrong.
  useSelf(key)
  // @ts-expect-error The key is one, the data are another's.
  usePresence('pr:room-7', { data: { x: 1 } })
  usePresence('pr:room-7', { data: { status: 'here' }, status: 'away' })
  usePresence('pr:desk', { data: { floor: 2 }, status: useIdle() })
  usePresence('pr:desk', { status: useIdle() })
  usePresence('pr:own', { schema: z.looseObject({ x: z.number() }), data: { x: 1 }, status: useIdle() })
  // @ts-expect-error The schema of this room has no status: nobody would read it.
  usePresence('pr:board', { data: { x: 1 }, status: useIdle() })
  // @ts-expect-error As above.
  usePresence('pr:board', { status: useIdle() })
  // @ts-expect-error As above, with a schema of its own.
  usePresence('pr:own', { schema: z.object({ x: z.number() }), data: { x: 1 }, status: useIdle() })
  // @ts-expect-error No status of this room.
  usePresence('pr:room-7', { data: { status: 'here' }, status: useIdle() })
  // @ts-expect-error A wrong value.
  useUpdatePresence('pr:room-7')({ status: 'gone' })
  // @ts-expect-error Who only watches may have no data yet.
  watched.update((current) => ({ status: current.status }))
  // @ts-expect-error What a room holds is said once.
  usePresence<{ mine: true }>('pr:room-7')
  // @ts-expect-error As above.
  useOnlineUsers('pr:bord')
  // @ts-expect-error As above.
  usePresenceEvents('pr:bord', {})
  // @ts-expect-error As above.
  useTyping('pr:bord')
  // @ts-expect-error As above.
  useCursors('pr:bord')

  return (
    <PresenceProvider rooms={rooms}>
      <Cursors room={`pr:room-${id}`} />
      <TypingIndicator room="pr:board" />
      <AvatarStack room="pr:board" filter={({ entries }) => entries.some(({ data }) => data.x > 1)} />
      <PresenceDot room={`pr:room-${id}`} userId="ada" />
      {/* @ts-expect-error No pattern means this key. */}
      <TypingIndicator room="pr:bord" />
      {/* @ts-expect-error As above. */}
      <AvatarStack room="pr:bord" />
      {/* @ts-expect-error As above. */}
      <PresenceDot room="pr:bord" userId="ada" />
      {/* @ts-expect-error Data of another room. */}
      <AvatarStack room="pr:room-7" renderAvatar={({ user }) => user.entries[0]?.data.x} />
      {/* @ts-expect-error Data would not be checked: the registered rooms are missing. */}
      <PresenceProvider />
    </PresenceProvider>
  )
}
