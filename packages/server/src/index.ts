export {
  defineRooms,
  PresenceError,
  type DefinedRooms,
  type PresenceErrorCode,
  type PresenceUser,
  type StandardSchemaV1,
} from '@app/protocol'
export type { AuthRequest, Authenticate, Identity } from './authenticate.ts'
export { defineConfig, type PresenceConfig } from './config.ts'
export { createToken, type TokenGrant } from './create-token.ts'
export { jwt, type JwtOptions } from './jwt.ts'
export type { Rooms } from './permissions.ts'
export type { Logger } from './logger.ts'
export type {
  EntryPut,
  OfTenant,
  PresenceEntry,
  PutEntry,
  RoomsPage,
  RoomsQuery,
  RoomSummary,
  Whom,
} from './operator.ts'
export { createPresenceServer, type PresenceAddress, type PresenceServer } from './presence-server.ts'
export type { LogLevel } from './settings.ts'
export type { PresenceServerOptions } from './server-options.ts'
export type { PresenceStore } from './store.ts'
export { memoryStore } from './stores/memory-store.ts'
export { sqliteStore } from './stores/sqlite-store.ts'
