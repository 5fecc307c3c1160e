import { PresenceError } from '@app/protocol'
import { permissionsOf, type Rooms } from './permissions.ts'

/** Checks rooms that come from outside; throws `bad-options` with `name` and what was wanted. */
export function parseRooms(value: unknown, name: string, userId?: string): Rooms {
  if (!isRooms(value)) {
    throw new PresenceError(
      'bad-options',
      `${name} is neither a list of patterns such as ["pr:team/*"] nor { read, write } of them.`,
    )
  }
  permissionsOf(value, userId)
  return value
}

// What is in the lists is left to whoever reads patterns.
function isRooms(value: unknown): value is Rooms {
  if (Array.isArray(value)) return true
  if (typeof value !== 'object' || value === null) return false
  // A misspelt "write" would silently take a right away.
  return Object.entries(value).every(([name, list]) => ['read', 'write'].includes(name) && Array.isArray(list ?? []))
}
