import type { WireError } from './errors.ts'
import type { PresenceUser } from './user.ts'

/*
 * The messages, as types. PROTOCOL.md says in prose what they mean and in which order they come.
 * A moment ends in AtMs and is on the server's clock; a duration ends in Ms.
 */

/** What a client says of itself in Socket.IO's `auth` payload. */
export interface Handshake {
  readonly v: number
  /** A random integer from 1 to 2^53 − 1. */
  readonly clientId: number
  /** 32 hex digits: 128 random bits. The first hello binds it to the id. */
  readonly secret: string
  readonly token?: string | undefined
  /** Honoured only by a server in open mode. */
  readonly user?: PresenceUser | undefined
}

/** A room by its key, or by the number that its snapshot gave. */
export type RoomRef = string | number

/** `n` numbers the client's puts and leaves; `held` is 1 for a held lease. `data` is JSON. */
export type PutRow = readonly [room: RoomRef, n: number, ttlMs: number, held: 0 | 1, data: unknown]

/** Client to server. */
export type ClientMessage =
  | readonly ['enter', key: string]
  | readonly ['exit', key: string]
  | readonly ['count', key: string]
  | readonly ['uncount', key: string]
  | readonly ['p', puts: readonly PutRow[]]
  | readonly ['l', room: RoomRef, n: number]
  | readonly ['bye']
  | readonly ['auth', id: number, credentials: Credentials]
  | readonly ['t', id: number]

/** What a client shows to log in anew on a live connection. */
export interface Credentials {
  readonly token?: string | undefined
  readonly user?: PresenceUser | undefined
}

/** The server's first message on every connection. */
export interface Hello {
  readonly v: number
  /** One run of the server's versions. An unknown one means "forget what you know". */
  readonly epoch: string
  readonly nowMs: number
  /** Who the server says this client is; null for a client without a user. */
  readonly user: PresenceUser | null
  readonly heldTtlMinMs: number
  /** The reconnect window (R5). */
  readonly windowMs: number
  /** The shortest time between two puts to one room. */
  readonly sendMs: number
  readonly dataBytes: number
  readonly keyBytes: number
  /** When what let this client in ends; not there when it does not end. */
  readonly expiresAtMs?: number
}

/** A whole entry. `expiresAtMs` is 0 for a held one, `heldTtlMs` is 0 for a timed one. */
export type EntryRow = readonly [
  slot: number,
  clientId: number,
  n: number,
  data: unknown,
  expiresAtMs: number,
  heldTtlMs: number,
  joinedAtMs: number,
  user?: PresenceUser,
]

/** New data of a known entry; `expiresAtMs` is there when its lease is timed. */
export type UpdateRow = readonly [slot: number, n: number, data: unknown, expiresAtMs?: number]

/**
 * New data of held entries whose data are objects with the same keys in the same order. For each, in a row: its slot, by
 * how much its n has grown, and its values.
 */
export type MoveGroup = readonly [keys: readonly string[], ...cells: readonly unknown[]]

/** A new deadline, or a new kind of lease, of a known entry. */
export type LeaseRow = readonly [slot: number, n: number, expiresAtMs: number, heldTtlMs: number]

/** Why an entry went. */
export type GoneReason = 'left' | 'expired' | 'lost' | 'kicked' | 'refused'

/** An entry that went, by its slot, and why. */
export type GoneRow = readonly [slot: number, reason: GoneReason]

/** The step of a room from version `from` to version `to`. Applied in the order gone, joins, updates, leases. */
export type DeltaMessage = readonly [
  'd',
  room: number,
  from: number,
  to: number,
  updates: readonly (UpdateRow | MoveGroup)[],
  gone?: readonly GoneRow[],
  joins?: readonly EntryRow[],
  leases?: readonly LeaseRow[],
]

/** A whole room at one version, and the number by which it is called on this connection. */
export type SnapshotMessage = readonly [
  's',
  key: string,
  room: number,
  epoch: string,
  version: number,
  entries: readonly EntryRow[],
]

/** How many are in a room: distinct users (a client without one counts as a user of its own), and clients. */
export type CountMessage = readonly ['c', key: string, users: number, clients: number]

/** A refusal of one message: what it was about, and the error. */
export interface Refusal extends WireError {
  /** The event that was refused. */
  readonly event: string
  readonly n?: number
  readonly id?: number
}

/** Server to client. */
export type ServerMessage =
  | readonly ['hello', hello: Hello]
  | SnapshotMessage
  | DeltaMessage
  | readonly ['k', key: string, n: number]
  | readonly ['pace', key: string, sendMs: number]
  | CountMessage
  | readonly ['refused', refusal: Refusal]
  | readonly ['authed', id: number, user: PresenceUser | null, expiresAtMs?: number]
  | readonly ['t', id: number, nowMs: number]
  | readonly ['v', hash: number]
  | readonly ['drain', windowMs: number]
