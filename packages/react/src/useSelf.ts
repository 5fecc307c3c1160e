'use client'
import type { PresenceEntry, StandardSchemaV1 } from '@app/client'
import type { RoomKey, RoomOutput, UnregisteredKey } from './register.ts'
import { useHere, type How } from './useHere.ts'

/**
 * My entry in a room, whichever component put it; null while I have none. Renders only when it changes, or with a `selector`
 * when what that returns is another by `isEqual`: `useSelf(room, (self) => self?.data.color)`. With a `schema`, made outside of the
 * component, it is typed and checked. Throws `bad-key`, `bad-schema` during render.
 */
export function useSelf<S extends StandardSchemaV1>(
  room: string,
  options: { readonly schema: S },
): PresenceEntry<StandardSchemaV1.InferOutput<S>> | null
export function useSelf<T = unknown>(room: UnregisteredKey): PresenceEntry<T> | null
export function useSelf<R, T = unknown>(
  room: UnregisteredKey,
  selector: (self: PresenceEntry<T> | null) => R,
  isEqual?: (a: R, b: R) => boolean,
): R
export function useSelf<K extends RoomKey>(room: K): PresenceEntry<RoomOutput<K>> | null
export function useSelf<K extends RoomKey, R>(
  room: K,
  selector: (self: PresenceEntry<RoomOutput<K>> | null) => R,
  isEqual?: (a: R, b: R) => boolean,
): R
export function useSelf(room: string, how?: How, isEqual?: (a: never, b: never) => boolean): unknown {
  return useHere(room, 'self', how, isEqual)
}
