import { parseRoomPattern, type RoomPattern } from '@app/protocol'

/**
 * Which rooms a client may see and be in, as patterns: `*` stands for anything up to the next slash, `**` for anything at
 * all, `{userId}` for the id of its user. A list counts for both.
 */
export type Rooms =
  | readonly string[]
  | { readonly read?: readonly string[] | undefined; readonly write?: readonly string[] | undefined }

/** What an identity may do. Derived keys follow their KEY. */
export interface Permissions {
  /** Whether it may enter and count a room. */
  readonly mayRead: (key: string) => boolean
  /** Whether it may put an entry into a room. */
  readonly mayWrite: (key: string) => boolean
}

export const allRooms: Permissions = { mayRead: () => true, mayWrite: () => true }

// A client that asks for ever new keys does not make the memory of answers grow.
const rememberedMax = 1_000

/** Reads patterns; throws `bad-options` for one that is none. */
export function permissionsOf(rooms: Rooms, userId: string | undefined): Permissions {
  const { read = [], write = [] } = isList(rooms) ? { read: rooms, write: rooms } : rooms
  return { mayRead: anyOf(read, userId), mayWrite: anyOf(write, userId) }
}

function isList(rooms: Rooms): rooms is readonly string[] {
  return Array.isArray(rooms)
}

function anyOf(texts: readonly string[], userId: string | undefined): (key: string) => boolean {
  const patterns: readonly RoomPattern[] = texts.map((text) => parseRoomPattern(text, userId))
  if (texts.includes('pr:**')) return () => true
  // Asked with every put.
  const known = new Map<string, boolean>()
  return (key) => {
    const answer = known.get(key)
    if (answer !== undefined) return answer
    const isAllowed = patterns.some((pattern) => pattern.matches(key))
    if (known.size >= rememberedMax) known.clear()
    known.set(key, isAllowed)
    return isAllowed
  }
}
