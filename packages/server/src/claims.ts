import { parseUser, type PresenceUser } from '@app/protocol'
import type { Identity } from './authenticate.ts'
import { unauthorized, type Claims } from './jose.ts'
import { parseRooms } from './parse-rooms.ts'
import type { Rooms } from './permissions.ts'
import { parseTenant } from './place.ts'

/** What a token that was found to be right says of who its bearer is. Throws `unauthorized` and names the claim. */
export function identityOf(claims: Claims, roomsWithoutClaim: Rooms, clockToleranceMs: number): Identity {
  const user = userOf(claims)
  const { rooms, tenant, exp } = claims
  return {
    user,
    // Only a token without the claim gets what is in its place: one that cannot be read never opens all rooms.
    rooms: rooms === undefined ? roomsWithoutClaim : roomsOf(rooms, user.id),
    tenant: tenant === undefined ? undefined : tenantOf(tenant),
    // With the tolerance, or a token that was just let in by it would be ended at once.
    expiresAtMs: typeof exp === 'number' ? exp * 1_000 + clockToleranceMs : undefined,
  }
}

function userOf({ sub, user, name, picture }: Claims): PresenceUser {
  if (typeof sub !== 'string' || sub === '') throw unusable('sub', 'the id of a user: a string that is not empty')
  if (user === undefined) {
    const parts = { id: sub, name: textOf('name', name), avatarUrl: textOf('picture', picture) }
    return usable('name" or "picture', 'short enough: a user has at most 1 KiB', () => parseUser(parts))
  }
  const wanted = 'a user such as { "name": "Ada" }, of at most 1 KiB'
  if (typeof user !== 'object' || user === null || Array.isArray(user)) throw unusable('user', wanted)
  const parsed = usable('user', wanted, () => parseUser({ id: sub, ...user }))
  if (parsed.id !== sub) throw unusable('user', 'a user with the same id as "sub", or without one')
  return parsed
}

// Providers write null for what they do not know.
function textOf(claim: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw unusable(claim, 'a string')
}

function roomsOf(rooms: unknown, userId: string): Rooms {
  const wanted = 'patterns of rooms such as ["pr:team/*"], or { "read": ["pr:**"], "write": ["pr:user-{userId}"] }'
  return usable('rooms', wanted, () => parseRooms(rooms, 'rooms', userId))
}

function tenantOf(tenant: unknown): string {
  return usable('tenant', 'a name of 1 to 64 letters, digits or . _ ~ -', () => parseTenant(tenant))
}

function usable<T>(claim: string, wanted: string, read: () => T): T {
  try {
    return read()
  } catch {
    throw unusable(claim, wanted)
  }
}

// Without the value: it may be anything, of any size.
function unusable(claim: string, wanted: string): Error {
  return unauthorized(`The token's claim "${claim}" cannot be used; wanted: ${wanted}.`)
}
