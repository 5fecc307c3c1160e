'use client'
import type { StandardSchemaV1 } from '@app/client'
import type { Update } from './OwnEntry.ts'
import { useOwnEntry } from './useOwnEntry.ts'
import type { RoomInput, RoomInputSoFar, RoomKey, UnregisteredKey } from './register.ts'
import { useRoom } from './useRoom.ts'

/** What `useUpdatePresence` may be told. */
export interface UpdatePresenceOptions {
  /** How long my entry outlives the last proof that I am here, in ms: 1 000 to 86 400 000. Default: 30 000. */
  readonly ttlMs?: number | undefined
  /** Is put into my data as its `status`, as in `usePresence`. */
  readonly status?: string | undefined
}

/**
 * Writes my presence without reading any: `const update = useUpdatePresence('pr:room-123')`. It never renders the
 * component, and enters the room only when `update` is called, always the same function. `update(fn)` computes from what I
 * have in the room, undefined when that is nothing. The entry goes with the component.
 */
export function useUpdatePresence<S extends StandardSchemaV1>(
  room: string,
  options: UpdatePresenceOptions & { readonly schema: S },
): Update<StandardSchemaV1.InferInput<S>, StandardSchemaV1.InferInput<S> | undefined>
export function useUpdatePresence<T = unknown>(
  room: UnregisteredKey,
  options?: UpdatePresenceOptions & { readonly schema?: undefined },
): Update<T, T | undefined>
export function useUpdatePresence<K extends RoomKey>(
  room: K,
  options?: UpdatePresenceOptions & { readonly schema?: undefined },
): Update<RoomInput<K>, RoomInputSoFar<K>>
export function useUpdatePresence(
  room: string,
  { schema, ttlMs, status }: UpdatePresenceOptions & { readonly schema?: StandardSchemaV1 | undefined } = {},
): Update<unknown> {
  return useOwnEntry(useRoom(room, schema), undefined, ttlMs, status).update
}
