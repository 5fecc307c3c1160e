import { PresenceError } from './errors.ts'
import { defaultLimits } from './limits.ts'

const shape = /^pr:[\w.~:@+/-]{1,252}$/
const derivedShape = /^(pr:.+)\/(cursors|typing)$/

/** The kinds of entries that live beside a room's own, under a key derived from its KEY. */
export type DerivedKind = 'cursors' | 'typing'

/**
 * Checks a room key: `pr:` and 1 to 252 bytes of `A–Z a–z 0–9 . _ ~ : @ + - /`; of a derived key, its KEY counts.
 * Returns it, or throws `bad-key`.
 */
export function parseRoomKey(key: unknown, maxBytes: number = defaultLimits.keyBytes): string {
  const base = typeof key === 'string' ? baseKey(key) : ''
  if (base.length <= maxBytes && shape.test(base)) return key as string
  const shown = typeof key === 'string' ? JSON.stringify(key.slice(0, 40)) : typeof key
  throw new PresenceError(
    'bad-key',
    `${shown} is no room key: write "pr:" and then 1 to 252 letters, digits or . _ ~ : @ + - /`,
  )
}

/** The key whose permissions, limits and name a key follows: `pr:a` for `pr:a/cursors`, otherwise itself. */
export function baseKey(key: string): string {
  return derivedShape.exec(key)?.[1] ?? key
}

/** The key under which cursors or typing of a room are kept. */
export function derivedKey(key: string, kind: DerivedKind): string {
  return `${key}/${kind}`
}
