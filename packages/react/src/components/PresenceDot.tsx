'use client'
import { forwardRef, type HTMLAttributes } from 'react'
import type { RoomKey } from '../register.ts'
import { classes } from '../classes.ts'
import { useOnlineUsers, type OnlineUsers } from '../useOnlineUsers.ts'
import { userStatus, type UserStatus } from '../userStatus.ts'

/** Whose dot it is; any other attribute goes to its element. */
export interface PresenceDotProps extends Omit<HTMLAttributes<HTMLSpanElement>, 'children'> {
  /** The room's own key, such as `pr:room-123`. */
  readonly room: RoomKey
  /** Whose dot it is: a user's id; of a client without a user `client:<clientId>`. */
  readonly userId: string
  /** What a screen reader says, to speak another language; whatever is left out stays English. */
  readonly strings?: Partial<Record<UserStatus, string>> | undefined
}

const english: Record<UserStatus, string> = { online: 'Online', idle: 'Idle', away: 'Away', offline: 'Offline' }

/** A dot that says whether a user is here, and how: `data-state` is `online`, `idle`, `away` or `offline`. */
export const PresenceDot = forwardRef<HTMLSpanElement, PresenceDotProps>(function PresenceDot(
  { room, userId, strings, className, ...rest },
  ref,
) {
  const find = (users: OnlineUsers) => userStatus(users.find((user) => user.userId === userId))
  const status = useOnlineUsers(room as never, find as never) as UserStatus
  return (
    <span
      role="img"
      aria-label={strings?.[status] ?? english[status]}
      data-state={status}
      {...rest}
      ref={ref}
      className={classes('presence-dot', className)}
    />
  )
})
