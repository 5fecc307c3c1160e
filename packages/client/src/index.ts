import { createClient } from './create-client.ts'
import type { PresenceClient, PresenceClientOptions } from './presence.ts'

/**
 * Makes a client. It connects when the first room is entered, never at creation.
 * Throws `bad-options` for a `url` that is no address, `bad-user` for a `user` without an id.
 */
export function createPresenceClient(options: PresenceClientOptions = {}): PresenceClient {
  return createClient(options)
}

export { surface } from './surface.ts'
export {
  defineRooms,
  derivedKey,
  PresenceError,
  systemClock,
  type Clock,
  type DefinedRooms,
  type Json,
  type PresenceErrorCode,
  type PresenceUser,
  type StandardSchemaV1,
} from '@app/protocol'
export type {
  ClientReport,
  ClientStatus,
  CountReport,
  LeftReason,
  NewCredentials,
  PresenceChange,
  PresenceClient,
  PresenceClientOptions,
  PresenceCount,
  PresenceEntries,
  PresenceEntry,
  PresenceRoom,
  RoomCount,
  RoomReport,
  RoomStatus,
  TokenSource,
  Track,
  TrackOptions,
} from './presence.ts'
