/** Every code a `PresenceError` can carry. For programs: a code is never renamed. */
export const presenceErrorCodes = [
  /** A room key that is empty, too long, misspelt, or reserved. */
  'bad-key',
  /** A `ttlMs` that is not a finite number from 1 000 to 86 400 000. */
  'bad-ttl',
  /** Data that JSON cannot carry, or that the schema does not accept. */
  'bad-data',
  /** A schema that is no Standard Schema, is asynchronous, throws, or needs `@app/client/effect` or `@app/server/effect`. */
  'bad-schema',
  /** A user without an id, or over 1 KiB of JSON. */
  'bad-user',
  /** An option with a value that makes no sense. */
  'bad-options',
  /** A message that does not follow PROTOCOL.md. */
  'bad-message',
  /** Data over the size limit. */
  'too-large',
  /** The `clientId` belongs to a client with another secret. */
  'client-id-taken',
  /** The server does not speak this version of the protocol. */
  'unsupported-version',
  /** The server does not accept the token, or wants one. */
  'unauthorized',
  /** The token has ended. Asking the application for a new one makes sense, once. */
  'token-expired',
  /** The application's `token` function failed. */
  'token-failed',
  /** This client may not read or write this room. */
  'not-allowed',
  /** The room has as many clients with an entry as it takes. */
  'room-full',
  /** One connection is in as many rooms as it may. */
  'too-many-rooms',
  /** The user, or the address, has as many connections as it may. */
  'too-many-connections',
  /** The page's origin is not let in. */
  'origin-refused',
  /** A server in open mode met a request that came through a proxy. */
  'proxy-refused',
  /** Puts come too fast: the newest waits, nothing is refused. */
  'rate-limited',
  /** The entry was taken away by the operator. */
  'kicked',
  /** This connection could not keep up with what it was sent. */
  'slow-client',
  /** What was asked for did not happen in time. */
  'timeout',
  /** The client was closed. */
  'closed',
  /** No connection to the server could be made. */
  'connection-failed',
  /** The server is stopping. */
  'draining',
  /** The server failed in a way that is not the caller's fault. */
  'internal',
] as const

/** One of a closed set of codes. */
export type PresenceErrorCode = (typeof presenceErrorCodes)[number]

/** What a `PresenceError` knows beside its code and its sentence. */
export interface PresenceErrorDetails {
  /** Whether the same call can succeed later without a change. Default: false. */
  readonly canRetry?: boolean
  /** How long to wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  /** The key of the room it is about. */
  readonly room?: string | undefined
  readonly cause?: unknown
}

/** An error as it travels on the wire. */
export interface WireError {
  readonly code: PresenceErrorCode
  readonly message: string
  readonly canRetry: boolean
  readonly retryAfterMs?: number | undefined
  readonly room?: string | undefined
}

/** The one error this kit throws or reports. `code` is for programs, `message` for people. */
export class PresenceError extends Error {
  override readonly name = 'PresenceError'
  /** What happened, for programs. */
  readonly code: PresenceErrorCode
  /** Whether the same call can succeed later without a change. */
  readonly canRetry: boolean
  /** How long to wait before that, in ms. */
  readonly retryAfterMs?: number | undefined
  /** The key of the room it is about. */
  readonly room?: string | undefined

  constructor(
    code: PresenceErrorCode,
    message: string,
    { canRetry = false, retryAfterMs, room, cause }: PresenceErrorDetails = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.canRetry = canRetry
    this.retryAfterMs = retryAfterMs
    this.room = room
  }

  /** The plain object that travels on the wire: no stack, no cause. */
  toJSON(): WireError {
    const { code, message, canRetry, retryAfterMs, room } = this
    return { code, message, canRetry, retryAfterMs, room }
  }
}

/** What whatever was thrown says of itself. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
