'use client'
import type { PresenceEntry, StandardSchemaV1 } from '@app/client'
import type { RoomKey, RoomOutput, UnregisteredKey } from './register.ts'
import { useRoom } from './useRoom.ts'
import { useStore } from './useStore.ts'

/**
 * My entry in a room, whichever component put it; null while I have none. Renders only when it changes. With a
 * `schema`, made outside of the component, it is typed and checked. Throws `bad-key`, `bad-schema` during render.
 */
export function useSelf<S extends StandardSchemaV1>(
  room: string,
  options: { readonly schema: S },
): PresenceEntry<StandardSchemaV1.InferOutput<S>> | null
export function useSelf<T = unknown>(room: UnregisteredKey): PresenceEntry<T> | null
export function useSelf<K extends RoomKey>(room: K): PresenceEntry<RoomOutput<K>> | null
export function useSelf(room: string, { schema }: { readonly schema?: StandardSchemaV1 } = {}): PresenceEntry | null {
  const { client, store } = useRoom(room, schema)
  return useStore(store, ({ entries }) => entries.get(client.clientId) ?? null)
}
