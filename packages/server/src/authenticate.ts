import { PresenceError, parseUser, type Clock, type Credentials, type PresenceUser } from '@app/protocol'
import type { Knock } from './admission.ts'
import type { AdminToken } from './admin-token.ts'
import type { Logger } from './logger.ts'
import { allRooms, permissionsOf, type Permissions, type Rooms } from './permissions.ts'
import { isTenant, parseTenant } from './place.ts'

/** What an `auth` function gets to see of a client that wants to connect, or to become another user. */
export interface AuthRequest {
  /** What the client was given as `token`; not looked into. */
  readonly token: string | undefined
  readonly clientId: number
  /** Of the handshake, also when the client logs in later on the same connection. */
  readonly headers: Knock['headers']
  /** Of the page, such as `https://app.example`; undefined where there is no page. */
  readonly origin: string | undefined
  /** Of the client, as far as `trustProxy` tells. */
  readonly address: string | undefined
}

/** Who a client is, and what it may do. Without a user it is let in as nobody in particular. */
export interface Identity {
  readonly user?: PresenceUser | null | undefined
  /** The rooms that it may read and write, as patterns. Default: all. */
  readonly rooms?: Rooms | undefined
  /** Whose rooms they are: the same key of two tenants is two rooms. 1 to 64 letters, digits or `. _ ~ -`. */
  readonly tenant?: string | undefined
  /** When this ends, in Unix milliseconds; the connection is then ended with `token-expired`. Default: never. */
  readonly expiresAtMs?: number | undefined
}

/**
 * Says who a client is. Returning nothing refuses the client for good; so does a `PresenceError` that it throws, as it says
 * itself. Anything else that it throws is a failure: it is logged and kept from the client, which tries again.
 */
export type Authenticate = (request: AuthRequest) => Identity | null | undefined | Promise<Identity | null | undefined>

/** An identity that was looked into. */
export interface Known {
  readonly user: PresenceUser | undefined
  readonly permissions: Permissions
  readonly tenant: string | undefined
  /** Infinite when it does not end. */
  readonly expiresAtMs: number
}

// A database that is away, or a mistake that somebody is mending.
const failedRetryMs = 5_000

export type Identify = (clientId: number, credentials: Credentials, knock: Knock) => Promise<Known>

export interface IdentifyOptions {
  readonly auth: Authenticate | undefined
  /** Whose bearer may watch all rooms of a tenant. */
  readonly adminToken?: AdminToken | undefined
  readonly logger: Logger
  readonly clock: Clock
  /** How long the auth function may take. */
  readonly mostMs: number
}

/** With an `auth` function, it decides; in open mode a client is who it says (U1). The operator watches in either. */
export function createIdentify({ adminToken, ...options }: IdentifyOptions): Identify {
  const identify = identifyClients(options)
  if (!adminToken) return identify
  return async (clientId, credentials, knock) =>
    credentials.token?.startsWith(watcherPrefix)
      ? watcher(adminToken, credentials.token.slice(watcherPrefix.length))
      : identify(clientId, credentials, knock)
}

// The token of a watcher: this, the admin token and, where there are tenants, "!" and the name of one.
const watcherPrefix = 'admin:'

/** The operator, who is nobody in particular, sees every room and can be in none. Throws `unauthorized`. */
function watcher(adminToken: AdminToken, said: string): Known {
  const end = said.lastIndexOf('!')
  const tenant = adminToken.isSame(said) ? undefined : said.slice(end + 1)
  if (tenant !== undefined && !(end > 0 && adminToken.isSame(said.slice(0, end)) && isTenant(tenant))) {
    adminToken.failed()
    throw new PresenceError('unauthorized', 'This is not the admin token of the server, with or without a tenant.')
  }
  return { user: undefined, permissions: { mayRead: () => true, mayWrite: () => false }, tenant, expiresAtMs: Infinity }
}

function identifyClients({ auth, logger, clock, mostMs }: IdentifyOptions): Identify {
  if (!auth) return async (_clientId, { user }) => known({ user })
  return async (clientId, { token }, { headers, origin, address }) => {
    const answer = ask(auth, { token, clientId, headers, origin, address }, logger)
    const identity = await within(mostMs, answer, clock)
    if (!identity) {
      throw new PresenceError(
        'unauthorized',
        'The server does not accept this token, or wants one. Connect with a new one.',
      )
    }
    try {
      return known(identity)
    } catch (err) {
      logger.error({ err }, 'The auth function returned an identity that cannot be used. Nobody is let in with it.')
      throw failed('internal', err)
    }
  }
}

const names = ['user', 'rooms', 'tenant', 'expiresAtMs']

/** Throws for a user that cannot be sent, a pattern that is none, and the like. */
function known(identity: Identity): Known {
  checkNames(identity)
  const { user, rooms, tenant, expiresAtMs = Infinity } = identity
  const parsed = user ? parseUser(user) : undefined
  if (typeof expiresAtMs !== 'number' || Number.isNaN(expiresAtMs))
    throw new PresenceError('bad-options', 'expiresAtMs of an identity is a number of milliseconds.')
  return {
    user: parsed,
    permissions: rooms === undefined ? allRooms : permissionsOf(rooms, parsed?.id),
    tenant: tenant === undefined ? undefined : parseTenant(tenant),
    expiresAtMs,
  }
}

/** What is misspelt would be left out, and what is left out is allowed. Many return what a library has read of a token. */
function checkNames(identity: unknown): void {
  const wanted = `wanted: an object of ${names.join(', ')} and nothing else, such as { user: { id: "ada" } }`
  if (typeof identity !== 'object' || identity === null || Array.isArray(identity))
    throw new PresenceError('bad-options', `The identity is of type ${typeof identity}; ${wanted}.`)
  const stranger = Object.keys(identity).find((name) => !names.includes(name))
  if (stranger !== undefined) throw new PresenceError('bad-options', `The identity has "${stranger}"; ${wanted}.`)
}

async function ask(auth: Authenticate, request: AuthRequest, logger: Logger): Promise<Identity | null | undefined> {
  try {
    return await auth(request)
  } catch (err) {
    if (err instanceof PresenceError) {
      // With a cause it is not the client's doing, and the operator wants to know: keys that cannot be fetched, say.
      if (err.cause !== undefined) logger.warn({ err }, 'The auth function cannot tell who clients are.')
      throw err
    }
    logger.warn({ err, clientId: request.clientId }, 'The auth function failed. The client is told to try again.')
    throw failed('unauthorized', err)
  }
}

function within<T>(mostMs: number, answer: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(mostMs, () => {
      const sentence = `The server could not tell within ${mostMs} ms who you are. Try again.`
      reject(new PresenceError('timeout', sentence, { canRetry: true }))
    })
    answer.then(resolve, reject).finally(cancel)
  })
}

function failed(code: 'unauthorized' | 'internal', cause: unknown): PresenceError {
  return new PresenceError(code, 'The server could not tell who you are. It is asked again.', {
    canRetry: true,
    retryAfterMs: failedRetryMs,
    cause,
  })
}
