import type { Clock, PresenceError, PresenceUser, StandardSchemaV1 } from '@app/protocol'

/** One client's presence in one room. Never changed in place, but for the two moments, which tell the present truth. */
export interface PresenceEntry<T = unknown> {
  /** Whose it is: the client's number, 1 to 2^53 − 1; below zero, of an entry that the server's application put. */
  readonly clientId: number
  /** What was put; with a schema its output. Never undefined: `null` is data. */
  readonly data: T
  /** When the entry ends unless it is renewed: Unix ms on the server's clock; of a held entry it moves on. */
  readonly expiresAtMs: number
  /** When the client came, Unix ms on the server's clock; my own is an estimate until the server has said it. */
  readonly joinedAtMs: number
  /** Who the server says is behind the client. */
  readonly user?: PresenceUser
}

/** A room at one moment, by clientId; mine included, expired ones never. */
export type PresenceEntries<T = unknown> = ReadonlyMap<number, PresenceEntry<T>>

/**
 * Why an entry went: its client left, its timed lease `expired`, its held lease was `lost` (or a new snapshot lacks
 * it), the server `refused` it, the operator `kicked` it, or the server started anew (`restart`).
 */
export type LeftReason = 'left' | 'expired' | 'lost' | 'refused' | 'kicked' | 'restart'

/** What changed between two values of a room. */
export interface PresenceChange<T = unknown> {
  readonly joined: readonly PresenceEntry<T>[]
  readonly updated: readonly PresenceEntry<T>[]
  readonly left: readonly { readonly clientId: number; readonly entry: PresenceEntry<T>; readonly reason: LeftReason }[]
}

/**
 * `loading` until the first snapshot, then `live`; `stale` while the connection is lost and until the next snapshot;
 * `refused` when the server does not let me in.
 */
export type RoomStatus = 'loading' | 'live' | 'stale' | 'refused'

/** Options of `track`. */
export interface TrackOptions {
  /** How long the entry outlives the last proof that I am here, in ms: 1 000 to 86 400 000. Default: 30 000. */
  readonly ttlMs?: number | undefined
}

/** An entry that stays for as long as I am here. */
export interface Track<In> {
  /** Computes the data from my present data. Starts a track again that a heartbeat or leave has stopped. */
  update(change: (current: In) => In): void
  /** Replaces the data; nothing is merged. */
  update(data: In): void
  /** Ends it for good: the entry goes, unless another track of the room still runs. */
  stop(): void
}

/** A handle on one room. `In` is what is put, `Out` what is read; without a schema both are the same. */
export interface PresenceRoom<In = unknown, Out = In> {
  /** As it was asked for, such as `pr:room-123`. */
  readonly key: string
  readonly status: RoomStatus
  /**
   * Puts my entry; it ends `ttlMs` (1 000 to 86 400 000) after the server has it. Throws `bad-ttl`, `bad-data` (not JSON, or
   * not of the schema), `too-large` (over 4 096 bytes of JSON, if the server says nothing else).
   */
  heartbeat(data: In, ttlMs: number): void
  /** Keeps my entry for as long as I am here. Throws `bad-ttl`, `bad-data`, `too-large`. */
  track(data: In, options?: TrackOptions): Track<In>
  /** Takes my entry away, here and everywhere, now. Twice is once. */
  leave(): void
  /** The live entries. The same Map until something changed. */
  value(): PresenceEntries<Out>
  /** Calls `listener` after each change, never at once. Returns a way to stop. */
  onChange(listener: (entries: PresenceEntries<Out>, change: PresenceChange<Out>) => void): () => void
  /** Calls `listener` after each change of `status`, never at once. Returns a way to stop. */
  onStatus(listener: (status: RoomStatus) => void): () => void
  /** The Map that the last `onChange` told: asks no clock and enters nothing, as React's `getSnapshot` wants it. */
  announced(): PresenceEntries<Out>
  /** What I last put and still show here, as I gave it; undefined when I have no entry. */
  mine(): In | undefined
}

/** How many have an entry in a room. */
export interface RoomCount {
  /** Distinct users; a client without a user counts as a user of its own. */
  readonly users: number
  /** Clients with an entry: of a user with two tabs both. */
  readonly clients: number
}

/** How many are in a room, for those who need not know who: small messages, however large the room is. */
export interface PresenceCount {
  readonly key: string
  /**
   * What the server last said: null before it has, and after `close()`. The same object until a number changed. Known
   * while somebody listens, and not by asking.
   */
  value(): RoomCount | null
  /**
   * Calls `listener` after each change, never at once, and about once a second at most. The server counts for as long as
   * somebody listens, also for a client that is not in the room. Returns a way to stop.
   */
  onChange(listener: (count: RoomCount | null) => void): () => void
}

/**
 * `idle` until the first room is entered, then `connecting` and `connected`; `reconnecting` when the connection was
 * lost; `closed` by `close()`; `refused` when the server will not have this client.
 */
export type ClientStatus = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed' | 'refused'

/**
 * A token, or how to get one. A function is asked again before the token ends, on every connect and by
 * `reauthenticate()`. A string that has ended refuses the client, until `reauthenticate({ token })` brings another.
 */
export type TokenSource = string | (() => string | Promise<string>)

/** What `reauthenticate` may change. A field that is not named stays; null takes it away. */
export interface NewCredentials {
  readonly token?: TokenSource | null | undefined
  readonly user?: PresenceUser | null | undefined
}

/** How a client is made. */
export interface PresenceClientOptions {
  /** Where the server is: an http(s) address. Default, in a browser: where the page came from. */
  readonly url?: string | undefined
  /** What a server with authentication is shown. Default: none. */
  readonly token?: TokenSource | undefined
  /** Who I say I am, at most 1 KiB of JSON; honoured only by a server in open mode. */
  readonly user?: PresenceUser | undefined
  /** Connect when the first room is entered. Default: true. */
  readonly autoConnect?: boolean | undefined
}

/** One client, in practice one tab: one connection, many rooms. */
export interface PresenceClient {
  /** A random integer from 1 to 2^53 − 1, stable for the life of the client. */
  readonly clientId: number
  readonly status: ClientStatus
  /** How long until it tries again to connect, in ms; null while it is not waiting for that. */
  readonly retryInMs: number | null
  /** Why the last attempt failed, or it was refused; null once it is connected. */
  readonly error: PresenceError | null
  /** What its timers go by, and those of the hooks: the machine's, or in a world the one that `advance()` turns. */
  readonly clock: Clock
  /** Who the server says I am; before it has said so, who I claim to be. */
  readonly user: PresenceUser | null
  /** Calls `listener` after each change of `status`, never at once. Returns a way to stop. */
  onStatus(listener: (status: ClientStatus) => void): () => void
  /** Hears of every refusal and failure. Without a listener they go to the console. Returns a way to stop. */
  onError(listener: (error: PresenceError) => void): () => void
  /**
   * Connects, and resolves when connected; `timeoutMs` is how long that may take, in ms. Default: as long as it takes. Rejects
   * with a PresenceError: `timeout`, `closed`, or why it was refused.
   */
  waitForConnected(timeoutMs?: number): Promise<void>
  /** The server's clock, estimated: Unix time in whole ms. What `expiresAtMs` is judged by. */
  now(): number
  /** Connects; while an attempt waits for its time, it is made now. */
  connect(): void
  /** Leaves every room at once and ends the connection. `connect()` opens it again. */
  close(): void
  /**
   * Log in or out without a new client. Rejects with the server's refusal, or `token-failed`. Rooms and counts that were
   * `not-allowed` are asked for again; a track that was stopped is not, until its `update()`.
   */
  reauthenticate(credentials?: NewCredentials): Promise<void>
  /** A plain object for debugging. */
  inspect(): ClientReport
  /** How many are in a room, without entering it; creating one has no effect. Throws `bad-key`. */
  count(key: string): PresenceCount
  /** A handle on a room; creating one has no effect. Throws `bad-key`. */
  presence(key: string): PresenceRoom<unknown>
  /** A handle that is typed and checked by a schema. Throws `bad-key`, `bad-schema`. */
  presence<S extends StandardSchemaV1>(
    key: string,
    schema: S,
  ): PresenceRoom<StandardSchemaV1.InferInput<S>, StandardSchemaV1.InferOutput<S>>
}

/** What `inspect()` tells. For reading, not for programs: it may grow. */
export interface ClientReport {
  readonly clientId: number
  readonly status: ClientStatus
  /** As the client's own. */
  readonly retryInMs: number | null
  /** As the client's own. */
  readonly error: PresenceError | null
  readonly user: PresenceUser | null
  /** As `now()`. */
  readonly nowMs: number
  /** When the server was last heard, on the same clock. */
  readonly lastPacketAtMs: number
  readonly rooms: readonly RoomReport[]
  readonly counts: readonly CountReport[]
}

/** What `inspect()` tells of a count. */
export interface CountReport {
  readonly key: string
  readonly count: RoomCount | null
  readonly listeners: number
}

/** What `inspect()` tells of a room. */
export interface RoomReport {
  readonly key: string
  readonly status: RoomStatus
  /** The server's run of versions; null before the first snapshot. */
  readonly epoch: string | null
  readonly version: number
  readonly listeners: number
  readonly tracks: number
  /** What waits to be sent or confirmed, newest only. */
  readonly outbox: { readonly kind: 'put' | 'leave'; readonly n: number; readonly phase: 'waiting' | 'sent' } | null
  readonly entries: readonly { readonly clientId: number; readonly expiresAtMs: number; readonly held: boolean }[]
}
