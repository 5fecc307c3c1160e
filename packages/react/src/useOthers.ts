'use client'
import type { PresenceEntry, StandardSchemaV1 } from '@app/client'
import type { RoomKey, RoomOutput, UnregisteredKey } from './register.ts'
import { useHere, type How } from './useHere.ts'

/** The other clients' entries, by `joinedAtMs`, then `clientId`. */
export type Others<T = unknown> = readonly PresenceEntry<T>[]

/** How `useOthers` reads a room through a schema. */
export interface OthersOptions<S extends StandardSchemaV1, R> {
  /** Types and checks the entries; made outside of the component. */
  readonly schema: S
  readonly selector?: ((others: Others<StandardSchemaV1.InferOutput<S>>) => R) | undefined
  readonly isEqual?: ((a: R, b: R) => boolean) | undefined
}

/**
 * The others in a room, without putting an entry of mine: `useOthers('pr:room-123')`.
 *
 * With `selector`, an inline function or not, the component renders only when what it returns is another by `isEqual`:
 * `useOthers(room, (others) => others.some(({ data }) => data.isTyping))`. By default two values are equal when they
 * are identical (`Object.is`) or lists of identical items. With a schema: `useOthers(room, { schema, selector, isEqual })`.
 */
export function useOthers<T = unknown>(room: UnregisteredKey): Others<T>
export function useOthers<R, T = unknown>(
  room: UnregisteredKey,
  selector: (others: Others<T>) => R,
  isEqual?: (a: R, b: R) => boolean,
): R
export function useOthers<S extends StandardSchemaV1, R = Others<StandardSchemaV1.InferOutput<S>>>(
  room: string,
  options: OthersOptions<S, R>,
): R
export function useOthers<K extends RoomKey>(room: K): Others<RoomOutput<K>>
export function useOthers<K extends RoomKey, R>(
  room: K,
  selector: (others: Others<RoomOutput<K>>) => R,
  isEqual?: (a: R, b: R) => boolean,
): R
export function useOthers(room: string, how?: How, isEqual?: (a: never, b: never) => boolean): unknown {
  return useHere(room, 'others', how, isEqual)
}
