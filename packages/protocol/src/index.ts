export type { StandardSchemaV1 } from '@standard-schema/spec'
export type { Channel, ChannelEvents, Message } from './channel.ts'
export { systemClock, type Clock } from './clock.ts'
export {
  PresenceError,
  presenceErrorCodes,
  reasonOf,
  type PresenceErrorCode,
  type PresenceErrorDetails,
  type WireError,
} from './errors.ts'
export { encodeData, utf8Length, type EncodedData, type Json } from './json.ts'
export {
  defaultLimits,
  flushDefaultMs,
  heldTtlDefaultMs,
  heldTtlMinDefaultMs,
  protocolVersion,
  ttlMaxMs,
  ttlMinMs,
  userBytesMax,
} from './limits.ts'
export type {
  ClientMessage,
  CountMessage,
  Credentials,
  DeltaMessage,
  EntryRow,
  GoneReason,
  GoneRow,
  Handshake,
  Hello,
  LeaseRow,
  MoveGroup,
  PutRow,
  Refusal,
  RoomRef,
  ServerMessage,
  SnapshotMessage,
  UpdateRow,
} from './messages.ts'
export { isMovable, isMoveGroup, packMoves, unpackMoves, type Move } from './moves.ts'
export { parseClientMessage, parseHandshake, parseServerMessage, parseTtl, parseWireError } from './parse.ts'
export { baseKey, derivedKey, parseRoomKey, type DerivedKind } from './room-key.ts'
export { parseRoomPattern, type RoomPattern } from './room-pattern.ts'
export { defineRooms, type DefinedRooms, type RoomSchema } from './rooms.ts'
export { decoderOf, type Decode, type Reading } from './schema.ts'
export { hashVersions, type RoomVersion } from './versions-hash.ts'
export { parseUser, type PresenceUser } from './user.ts'
