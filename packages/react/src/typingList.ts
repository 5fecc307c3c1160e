import type { PresenceClient, PresenceEntries, PresenceUser } from '@app/client'
import { byJoined } from './byJoined.ts'
import { isSameJson } from './isSameJson.ts'
import { isSameList } from './isSameList.ts'

/** Somebody who is typing, in however many tabs. */
export interface TypingUser {
  /** The user's id, or `client:` and the number of a client without a user. */
  readonly userId: string
  readonly user?: PresenceUser
  /** Into which field, where that has a name. */
  readonly field?: string
}

/** Who is typing besides me, into one field or any, first come first. I am a user: what I type in another tab is mine, too. */
export function typingList(
  entries: PresenceEntries,
  me: Pick<PresenceClient, 'clientId' | 'user'>,
  before: readonly TypingUser[],
  ofField?: string,
): readonly TypingUser[] {
  const known = new Map(before.map((typing) => [typing.userId, typing]))
  const found = new Map<string, TypingUser>()
  for (const { clientId, user, data } of [...entries.values()].sort(byJoined)) {
    if (clientId === me.clientId || (user && user.id === me.user?.id)) continue
    if (ofField !== undefined && data !== ofField) continue
    const userId = user?.id ?? `client:${clientId}`
    if (found.has(userId)) continue
    const typing = { userId, ...(user && { user }), ...(typeof data === 'string' && { field: data }) }
    const was = known.get(userId)
    found.set(userId, was && isSameJson(was, typing) ? was : typing)
  }
  const list = [...found.values()]
  return isSameList(list, before) ? before : list
}
