import type { PresenceClient, PresenceEntries, PresenceUser } from '@app/client'
import { isSameUser } from './cursorList.ts'

/** Somebody who is typing, in however many tabs. */
export interface TypingUser {
  /** The user's id, or `client:` and the number of a client without a user. */
  readonly userId: string
  readonly user?: PresenceUser
}

/** Who is typing besides me, first come first. I am a user: what I type in another tab is mine, too. */
export function typingList(
  entries: PresenceEntries,
  me: Pick<PresenceClient, 'clientId' | 'user'>,
  before: readonly TypingUser[],
): readonly TypingUser[] {
  const known = new Map(before.map((typing) => [typing.userId, typing]))
  const found = new Map<string, TypingUser>()
  for (const { clientId, user } of [...entries.values()].sort(byJoined)) {
    if (clientId === me.clientId || (user && user.id === me.user?.id)) continue
    const userId = user?.id ?? `client:${clientId}`
    const was = known.get(userId)
    if (found.has(userId)) continue
    found.set(userId, was && isSameUser(was.user, user) ? was : { userId, ...(user && { user }) })
  }
  const list = [...found.values()]
  return list.length === before.length && list.every((typing, i) => typing === before[i]) ? before : list
}

function byJoined(one: { joinedAtMs: number; clientId: number }, other: typeof one): number {
  return one.joinedAtMs - other.joinedAtMs || one.clientId - other.clientId
}
