import { PresenceError } from './errors.ts'
import { encodeData, type Json } from './json.ts'
import { userBytesMax } from './limits.ts'

/** Who is behind a client, with whatever else the application wants to show. At most 1 KiB of JSON. */
export interface PresenceUser {
  /** Never empty. Whoever has it is one person, in however many tabs. */
  readonly id: string
  readonly name?: string | undefined
  /** The address of a picture. */
  readonly avatarUrl?: string | undefined
  /** A CSS colour. */
  readonly color?: string | undefined
  readonly [more: string]: Json | undefined
}

/** Checks a user and returns a copy; throws `bad-user`. */
export function parseUser(value: unknown): PresenceUser {
  const { id } = (value ?? {}) as { id?: unknown }
  if (typeof id !== 'string' || id === '' || Array.isArray(value)) {
    throw new PresenceError('bad-user', 'A user is an object with an id: a string that is not empty.')
  }
  for (const name of ['name', 'avatarUrl', 'color'] as const) {
    const more = (value as Record<string, unknown>)[name]
    if (more !== undefined && typeof more !== 'string') {
      throw new PresenceError('bad-user', `The user's ${name} must be a string.`)
    }
  }
  try {
    return encodeData(value, userBytesMax).data as PresenceUser
  } catch (error) {
    throw new PresenceError('bad-user', `The user "${id.slice(0, 40)}" cannot be sent: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
