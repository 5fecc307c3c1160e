import type { OnlineUser } from './onlineUsers.ts'

/** How a user stands in a room. */
export type UserStatus = 'online' | 'idle' | 'away' | 'offline'

const calm = ['idle', 'away'] as const

/**
 * A user's status by the `status` in the data of their tabs, of which the most active one counts: another word than `idle`
 * and `away`, or none, means online. Without a user, offline.
 */
export function userStatus(user: Pick<OnlineUser, 'entries'> | undefined): UserStatus {
  if (!user) return 'offline'
  const told = user.entries.map(({ data }) => calm.indexOf((data as { status?: never } | null)?.status as never))
  return calm[Math.min(...told)] ?? 'online'
}
