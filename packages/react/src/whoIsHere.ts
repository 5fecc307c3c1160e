import type { PresenceEntries, PresenceEntry } from '@app/client'
import { byJoined } from './byJoined.ts'
import { listKeeper } from './listKeeper.ts'
import { onlineUsers, type Me, type OnlineUser } from './onlineUsers.ts'

/** A room's entries, ordered and grouped. */
export interface WhoIsHere<T = unknown> {
  readonly online: readonly PresenceEntry<T>[]
  readonly self: PresenceEntry<T> | null
  readonly others: readonly PresenceEntry<T>[]
  readonly users: readonly OnlineUser<T>[]
}

const keepOnline = listKeeper()
const keepOthers = listKeeper()

// A room's Map is the same until something changed, so what was made of it is kept with it, for all who ask.
const known = new WeakMap<PresenceEntries, { readonly userId: string | undefined; readonly here: WhoIsHere }>()

/** Orders and groups entries. The same for the same Map; of a new Map, every part that did not change is the same. */
export function whoIsHere<T>(entries: PresenceEntries<T>, me: Me): WhoIsHere<T> {
  const before = known.get(entries)
  if (before && before.userId === me.user?.id) return before.here as WhoIsHere<T>
  const online = keepOnline([...entries.values()].sort(byJoined))
  const here: WhoIsHere<T> = {
    online,
    self: entries.get(me.clientId) ?? null,
    others: keepOthers(online.filter(({ clientId }) => clientId !== me.clientId)),
    users: onlineUsers(online, me),
  }
  known.set(entries, { userId: me.user?.id, here })
  return here
}
