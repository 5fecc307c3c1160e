'use client'
import type { PresenceEntry, StandardSchemaV1 } from '@app/client'
import { isSameList } from './isSameList.ts'
import type { RoomKey, RoomOutput, UnregisteredKey } from './register.ts'
import { useRoom } from './useRoom.ts'
import { useStore } from './useStore.ts'
import { whoIsHere } from './whoIsHere.ts'

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
export function useOthers(
  room: string,
  how?: ((others: Others) => unknown) | OthersOptions<StandardSchemaV1, unknown>,
  equal?: (a: unknown, b: unknown) => boolean,
): unknown {
  const { schema, selector, isEqual = isSame } = typeof how === 'object' ? how : { selector: how, isEqual: equal }
  const { client, store } = useRoom(room, schema)
  const select = (others: Others) => (selector ? selector(others) : others)
  return useStore(store, ({ entries }) => select(whoIsHere(entries, client).others), isEqual)
}

function isSame(one: unknown, other: unknown): boolean {
  return Object.is(one, other) || (Array.isArray(one) && Array.isArray(other) && isSameList(one, other))
}
