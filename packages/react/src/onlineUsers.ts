import type { PresenceEntry, PresenceUser } from '@app/client'
import { listKeeper } from './listKeeper.ts'

/** A person who is here with one tab or several. A client without a user counts as a user of its own. */
export interface OnlineUser<T = unknown> {
  /** The user's id; of a client without a user `client:<clientId>`. */
  readonly userId: string
  /** As the entry that came last tells it; missing for a client without a user. */
  readonly user?: PresenceUser
  /** In the order of `entries`. */
  readonly clientIds: readonly number[]
  /** By `joinedAtMs`, then `clientId`. */
  readonly entries: readonly PresenceEntry<T>[]
  /** That is me: here, or in another tab of mine. */
  readonly isMe: boolean
}

/** Who I am among the entries. */
export interface Me {
  readonly clientId: number
  readonly user: PresenceUser | null
}

const keepEntries = listKeeper()
const keepUsers = listKeeper()
const known = new WeakMap<readonly PresenceEntry[], OnlineUser>()

/** Groups entries by user, in the order of each user's first entry (U2). Users that did not change stay the same objects. */
export function onlineUsers<T>(online: readonly PresenceEntry<T>[], me: Me): readonly OnlineUser<T>[] {
  // A user's id is a string and a clientId a number, so nobody can be taken for a client without a user.
  const groups = new Map<string | number, PresenceEntry<T>[]>()
  for (const entry of online) {
    const id = entry.user?.id ?? entry.clientId
    const group = groups.get(id)
    if (group) group.push(entry)
    else groups.set(id, [entry])
  }
  return keepUsers([...groups].map(([id, group]) => userOf(id, group, me)))
}

function userOf<T>(id: string | number, group: readonly PresenceEntry<T>[], me: Me): OnlineUser<T> {
  const entries = keepEntries(group)
  const clientIds = entries.map(({ clientId }) => clientId)
  const isMe = id === me.user?.id || clientIds.includes(me.clientId)
  const before = known.get(entries)
  if (before?.isMe === isMe) return before as OnlineUser<T>
  const user = entries.at(-1)?.user
  const userId = typeof id === 'string' ? id : `client:${id}`
  const made: OnlineUser<T> = { userId, ...(user && { user }), clientIds, entries, isMe }
  known.set(entries, made)
  return made
}
