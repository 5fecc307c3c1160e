import { parseUser, PresenceError, type PresenceUser } from '@app/protocol'
import { sign } from './jose.ts'
import { parseRooms } from './parse-rooms.ts'
import type { Rooms } from './permissions.ts'
import { parseTenant } from './place.ts'
import { parseSecret } from './secret.ts'

/** Whom a token is for, what it lets them do, and for how long. */
export interface TokenGrant {
  readonly user: PresenceUser
  /** The rooms, as patterns: `['pr:team/*']`, or `{ read, write }`. */
  readonly rooms: Rooms
  /** Whose rooms they are. 1 to 64 letters, digits or `. _ ~ -`. */
  readonly tenant?: string | undefined
  /** How long it is good, in milliseconds: 1 000 to 31 days. */
  readonly ttlMs: number
}

export const tokenTtlMinMs = 1_000
// Nothing takes a token back, so none is good for longer than a month.
export const tokenTtlMaxMs = 31 * 86_400_000

/**
 * Makes a token for a user whom your back end knows, to be read by `jwt({ secret })` with the same secret of at least 32
 * bytes. Its times are whole seconds, so it may be good for up to a second longer. Rejects with `bad-user` or `bad-options`.
 */
export async function createToken(grant: TokenGrant, secret: string): Promise<string> {
  return (await issueToken(grant, parseSecret(secret, 'secret'))).token
}

/** A token, and when it ends. */
export interface IssuedToken {
  readonly token: string
  /** In Unix ms. */
  readonly expiresAtMs: number
}

/** Makes a token as `createToken` does; `claims` are who has made it and for whom, where the reader looks at that. */
export async function issueToken(
  grant: TokenGrant,
  key: Uint8Array,
  claims: { readonly iss?: string; readonly aud?: string } = {},
): Promise<IssuedToken> {
  checkNames(grant)
  const { ttlMs, tenant } = grant
  const user = parseUser(grant.user)
  if (typeof ttlMs !== 'number' || !(ttlMs >= tokenTtlMinMs && ttlMs <= tokenTtlMaxMs)) {
    const sentence = `ttlMs is ${ttlMs === undefined ? 'missing' : 'wrong'}; wanted: a number from ${tokenTtlMinMs} to ${tokenTtlMaxMs} (31 days), in milliseconds.`
    throw new PresenceError('bad-options', sentence)
  }
  const nowMs = Date.now()
  const exp = Math.ceil((nowMs + ttlMs) / 1_000)
  const token = await sign(
    {
      sub: user.id,
      user,
      rooms: parseRooms(grant.rooms, 'rooms', user.id),
      ...(tenant !== undefined && { tenant: parseTenant(tenant) }),
      ...claims,
      iat: Math.floor(nowMs / 1_000),
      exp,
    },
    key,
  )
  return { token, expiresAtMs: exp * 1_000 }
}

const names = ['user', 'rooms', 'tenant', 'ttlMs']

/** A misspelt tenant would make a token for the rooms of everyone who has none. */
function checkNames(grant: TokenGrant): void {
  const stranger = Object.keys(grant ?? {}).find((name) => !names.includes(name))
  if (stranger !== undefined)
    throw new PresenceError('bad-options', `createToken has no option "${stranger}"; it has ${names.join(', ')}.`)
  if (grant?.rooms === undefined)
    throw new PresenceError(
      'bad-options',
      'rooms is missing; wanted: patterns such as ["pr:team/*"], or ["pr:**"] for all.',
    )
}
