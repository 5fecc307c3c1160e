import { PresenceError, parseUser, type Credentials, type PresenceUser } from '@app/protocol'
import type { Knock } from './admission.ts'
import type { Logger } from './logger.ts'

/** What an `auth` function gets to see of a client that wants to connect, or to become another user. */
export interface AuthRequest {
  readonly token: string | undefined
  readonly clientId: number
  /** Of the handshake, also when the client logs in later on the same connection. */
  readonly headers: Knock['headers']
  readonly origin: string | undefined
  readonly address: string | undefined
}

/** Who a client is. Without a user it is let in as nobody in particular. */
export interface Identity {
  readonly user?: PresenceUser | null | undefined
}

/**
 * Says who a client is. Whatever it throws refuses the client: a `PresenceError` as it is, anything else as `unauthorized`,
 * with its message kept from the client. So does returning nothing.
 */
export type Authenticate = (request: AuthRequest) => Identity | null | undefined | Promise<Identity | null | undefined>

export type Identify = (clientId: number, credentials: Credentials, knock: Knock) => Promise<PresenceUser | undefined>

/** With an `auth` function, it decides; in open mode a client is who it says (U1). */
export function createIdentify(auth: Authenticate | undefined, logger: Logger): Identify {
  if (!auth) return async (_clientId, { user }) => user
  return async (clientId, { token }, { headers, origin, address }) => {
    const identity = await ask(auth, { token, clientId, headers, origin, address }, logger)
    if (!identity) throw unauthorized()
    try {
      return identity.user ? parseUser(identity.user) : undefined
    } catch (err) {
      logger.error({ err }, 'The auth function returned a user that cannot be sent.')
      throw new PresenceError('internal', 'The server could not tell who you are.', { canRetry: false, cause: err })
    }
  }
}

async function ask(auth: Authenticate, request: AuthRequest, logger: Logger): Promise<Identity | null | undefined> {
  try {
    return await auth(request)
  } catch (err) {
    if (err instanceof PresenceError) throw err
    logger.info({ err, clientId: request.clientId }, 'The auth function refused a client.')
    throw unauthorized(err)
  }
}

function unauthorized(cause?: unknown): PresenceError {
  return new PresenceError(
    'unauthorized',
    'The server does not accept this token, or wants one. Connect with a new one.',
    { cause },
  )
}
