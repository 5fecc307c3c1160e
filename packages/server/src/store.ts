import type { PresenceUser } from '@app/protocol'

/** Names one entry: a client has at most one in a room. */
export interface EntryName {
  /** Its place: the key, before which a tenant's name and `!` stand where there are tenants. */
  readonly room: string
  readonly clientId: number
}

/** An entry as it is kept. */
export interface StoredEntry extends EntryName {
  readonly user: PresenceUser | undefined
  /** The data's JSON text. */
  readonly json: string
  readonly ttlMs: number
  /** A held one ends `ttlMs` after its client was last seen, whatever `expiresAtMs` says. */
  readonly isHeld: boolean
  readonly expiresAtMs: number
  /** The number of the put. */
  readonly n: number
  readonly joinedAtMs: number
}

/** Which secret a `clientId` is bound to (A1), and when its client last gave a sign of life. */
export interface StoredClient {
  readonly clientId: number
  /** SHA-256 of the secret, in hex. */
  readonly secretHash: string
  readonly userId: string | undefined
  readonly seenAtMs: number
}

/** When a client last gave a sign of life. */
export type Seen = readonly [clientId: number, seenAtMs: number]

/** Some changes that belong together. */
export interface StoreChanges {
  readonly gone: readonly EntryName[]
  readonly entries: readonly StoredEntry[]
  readonly clients: readonly StoredClient[]
  /** The `clientId`s that are bound to no secret any more. */
  readonly forgotten: readonly number[]
}

/** What a store knows at a start. */
export interface Opened {
  /** Counts the starts; raised durably before `open` returns. */
  readonly run: number
  /** A name no other start has had. */
  readonly epoch: string
  readonly clients: readonly StoredClient[]
  readonly entries: readonly StoredEntry[]
}

/** How a store is opened. */
export interface OpenOptions {
  /** `fresh` forgets all entries; `resume` keeps those whose deadline has not passed. */
  readonly restart: 'fresh' | 'resume'
  /** The server's clock, in Unix ms. */
  readonly nowMs: number
}

/**
 * Where presence survives a restart. The server's memory is authoritative; a store is written behind it, so a store that
 * fails for a while costs what a restart in that while would have kept, and nothing else.
 */
export interface PresenceStore {
  /** Throws a `PresenceError` with a sentence for the operator when it cannot be used; then it has changed nothing. */
  open(options: OpenOptions): Opened
  /**
   * Takes all of the changes, or throws or rejects and takes none. Nothing else is written until it has answered. What a
   * store takes at once need not be a promise.
   */
  write(changes: StoreChanges): void | Promise<void>
  /** Sets when these clients were last seen, all in one. Unknown ones are passed over. */
  writeSeen(seen: readonly Seen[]): void | Promise<void>
  /** What was taken is kept, and nothing is running any more. */
  close(): void | Promise<void>
}

/** How long a `clientId` stays bound to its secret after its last connection (A1). */
export const bindingKeptMs = 24 * 60 * 60 * 1_000

/** The deadline that counts at a start (R3). A held entry of a client that nobody knows has none left. */
export function storedDeadlineMs(entry: StoredEntry, client: StoredClient | undefined): number {
  if (!entry.isHeld) return entry.expiresAtMs
  return client ? client.seenAtMs + entry.ttlMs : 0
}
