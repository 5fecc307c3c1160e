'use client'
import { useContext, useMemo } from 'react'
import type { PresenceClient, PresenceRoom, StandardSchemaV1 } from '@app/client'
import { noRoomStore, roomStore, type RoomSnapshot } from './roomStore.ts'
import { InitialContext } from './InitialContext.ts'
import { initialRoom } from './initialRoom.ts'
import { RoomsContext } from './RoomsContext.ts'
import { roomOf } from './roomOf.ts'
import { usePresenceClient } from './usePresenceClient.ts'
import type { Store } from './useStore.ts'

/** A room of the provider's client, for the hooks. */
export interface UsedRoom<In, Out> {
  readonly client: PresenceClient
  /** Null when it is not enabled. */
  readonly room: PresenceRoom<In, Out> | null
  readonly store: Store<RoomSnapshot<Out>>
}

/**
 * The same room while client, key, schema, the provider's rooms and `isEnabled` stay. Nothing is entered before the store is subscribed to.
 * Throws `bad-key` and `bad-schema` during render, unless it is not enabled: then the key may still be unknown.
 */
export function useRoom<In, Out>(
  key: string,
  schema: StandardSchemaV1<In, Out> | undefined,
  isEnabled = true,
): UsedRoom<In, Out> {
  const client = usePresenceClient()
  const rooms = useContext(RoomsContext)
  const initial = useContext(InitialContext)?.[key]
  return useMemo(() => {
    if (!isEnabled) return { client, room: null, store: noRoomStore }
    const plain = roomOf(client, key)
    const reader = schema ?? rooms?.schemaFor(key)?.schema
    const room = (reader ? client.presence(key, reader) : plain) as PresenceRoom<In, Out>
    const first = initial && initialRoom<Out>(initial, reader)
    return { client, room, store: roomStore(client, room, reader !== undefined, first) }
  }, [client, rooms, initial, key, schema, isEnabled])
}
