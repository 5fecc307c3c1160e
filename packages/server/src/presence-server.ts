import { createServer, type Server as HttpServer, type ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseRoomKey, PresenceError, systemClock, type PresenceUser } from '@app/protocol'
import { isLoopbackHost, isOriginAllowed, type Policy } from './admission.ts'
import { PresenceCore } from './core.ts'
import { createCounters } from './counters.ts'
import { createHttpHandler } from './http.ts'
import { expiresAtMs } from './lease.ts'
import { createMetrics, standsStill } from './metrics.ts'
import { parseTenant, placeOf } from './place.ts'
import { countOf, type Entry } from './room.ts'
import { checkOptions, type CheckedOptions, type PresenceServerOptions } from './server-options.ts'
import { Sockets } from './socket-io.ts'

/** Where a server listens. */
export interface PresenceAddress {
  readonly host: string
  readonly port: number
  /** What a client is given, such as `http://localhost:4400`. */
  readonly url: string
}

/** One client's presence in a room, as the server has it. */
export interface PresenceEntry {
  readonly clientId: number
  /** As the client put it: the input of a schema, not its output. */
  readonly data: unknown
  /** When it ends unless it is renewed, in Unix ms. */
  readonly expiresAtMs: number
  /** When the client came, in Unix ms. */
  readonly joinedAtMs: number
  readonly user?: PresenceUser
}

/** A server. It runs once: after `close()` make another. Methods that take a key throw `bad-key`. */
export interface PresenceServer {
  /**
   * Opens the store and listens on a port of its own. Default: port 4400 of 127.0.0.1, this machine only; port 0 is any free
   * one. Rejects with `bad-options`: the port is taken, the store cannot be used, or everyone could come in unasked.
   */
  listen(where?: { readonly port?: number | undefined; readonly host?: string | undefined }): Promise<PresenceAddress>
  /**
   * Opens the store and joins an HTTP server of yours; its other requests stay with its handlers. Add those first. Throws
   * `bad-options` when it runs already, or the store cannot be used.
   */
  attach(http: HttpServer): void
  /** Who is in a room now; nobody while the server does not run. */
  snapshot(key: string, of?: OfTenant): readonly PresenceEntry[]
  /** How many are in a room now: distinct users (a client without one counts by itself), and clients. */
  count(key: string, of?: OfTenant): { readonly users: number; readonly clients: number }
  /**
   * Takes a client's entry away and tells it so, which stops its tracks of that room, and takes none from it there for
   * `banMs` milliseconds (default 60 000). Returns whether there was an entry. Throws `bad-options`.
   */
  kick(key: string, clientId: number, how?: OfTenant & { readonly banMs?: number | undefined }): boolean
  /**
   * Ends the connections of a user, or of one client, as if their tokens had ended: for when what they may do has changed, or
   * who they are. They come back and are asked again who they are. Returns how many there were.
   */
  disconnect(who: Whom): number
  /** How it stands, in the text format of Prometheus; the same as `GET /metrics` of this machine. */
  metrics(): Promise<string>
  /** Tells clients to come back later, writes the store, and closes every connection; resolves when all is done. */
  close(): Promise<void>
}

/** A client, or all clients of a user. */
export type Whom = { readonly clientId: number } | (OfTenant & { readonly userId: string })

/** Whose room is meant, where there are tenants. */
export interface OfTenant {
  readonly tenant?: string | undefined
}

type State =
  | { readonly status: 'idle' }
  | {
      readonly status: 'running'
      readonly core: PresenceCore
      readonly sockets: Sockets
      readonly http: HttpServer | undefined
    }
  | { readonly status: 'closed' }

const banDefaultMs = 60_000

/** What is misspelt or misplaced would kick nobody, or for another time, and look as if it had worked. */
function checkKick(clientId: unknown, how: unknown): void {
  if (!Number.isSafeInteger(clientId))
    throw new PresenceError('bad-options', `clientId is ${JSON.stringify(clientId)}; wanted: the number of a client.`)
  const isObject = typeof how === 'object' && how !== null
  if (!isObject || !Object.keys(how).every((name) => ['tenant', 'banMs'].includes(name)))
    throw new PresenceError('bad-options', `kick takes { banMs, tenant } in the end, not ${JSON.stringify(how)}.`)
}

/** Makes a server; it does nothing until `listen` or `attach`. Throws `bad-options` with a sentence that names the option. */
export function createPresenceServer(options: PresenceServerOptions = {}): PresenceServer {
  const checked = checkOptions(options)
  const policy: Policy = { mode: checked.auth ? 'auth' : checked.open ? 'open' : 'loopback', origins: checked.origins }
  let state: State = { status: 'idle' }
  const counters = createCounters()
  const metrics = createMetrics(() => (state.status === 'running' ? state.core.standing() : standsStill), counters)

  function start(http: HttpServer, isOwn: boolean): void {
    if (state.status !== 'idle')
      throw new PresenceError('bad-options', 'A presence server runs once. Create another one.')
    const sockets = new Sockets({ ...checked, isOriginAllowed: (knock) => isOriginAllowed(knock, policy) })
    const core = new PresenceCore({
      ...checked,
      clock: systemClock,
      transport: sockets,
      policy,
      measureLoad: loadMeter(),
      counters,
    })
    sockets.attach(http, core)
    state = { status: 'running', core, sockets, http: isOwn ? http : undefined }
  }

  const place = (key: string, tenant: string | undefined): string =>
    placeOf(tenant === undefined ? undefined : parseTenant(tenant), parseRoomKey(key, checked.keyBytes))
  const entries = (key: string, { tenant }: OfTenant = {}): readonly Entry[] => {
    const where = place(key, tenant)
    return state.status === 'running' ? state.core.entries(where) : []
  }

  return {
    async listen({ port = 4400, host = '127.0.0.1' } = {}) {
      if (policy.mode === 'loopback' && !isLoopbackHost(host)) throw everyone(host)
      const http = createServer(
        timeoutsOf(checked),
        createHttpHandler({ static: checked.static, isReady: () => state.status === 'running', metrics }),
      )
      // The port first: who finds it taken must not touch the store of the server that has it.
      await listen(http, port, host)
      try {
        start(http, true)
      } catch (error) {
        http.close()
        throw error
      }
      return addressOf(http, host)
    },
    attach: (http) => start(http, false),
    snapshot: (key, of) => entries(key, of).map(toPresenceEntry),
    count: (key, of) => countOf(entries(key, of)),
    kick(key, clientId, how = {}) {
      checkKick(clientId, how)
      const { tenant, banMs = banDefaultMs } = how
      const where = place(key, tenant)
      if (!Number.isFinite(banMs) || banMs < 0)
        throw new PresenceError(
          'bad-options',
          `banMs is ${JSON.stringify(banMs)}; wanted: a number of milliseconds, 0 or more.`,
        )
      return state.status === 'running' && state.core.kick(where, clientId, banMs)
    },
    disconnect(who) {
      if (state.status !== 'running') return 0
      if ('clientId' in who) return state.core.disconnect(({ clientId }) => clientId === who.clientId)
      const { userId, tenant } = who
      return state.core.disconnect(({ identity }) => identity.user?.id === userId && identity.tenant === tenant)
    },
    metrics: () => metrics.text(),
    async close() {
      const was = state
      state = { status: 'closed' }
      if (was.status === 'running') await stop(was, checked)
    },
  }
}

/** Nobody keeps a socket open by asking ever so slowly. */
function timeoutsOf({ handshakeMs }: CheckedOptions): ServerOptions {
  return { headersTimeout: handshakeMs, requestTimeout: handshakeMs * 3, connectionsCheckingInterval: handshakeMs }
}

/** How busy this process's loop was since the last call. */
function loadMeter(): () => number {
  let before = performance.eventLoopUtilization()
  return () => {
    const { utilization } = performance.eventLoopUtilization(before)
    before = performance.eventLoopUtilization()
    return utilization
  }
}

async function stop(
  { core, sockets, http }: Extract<State, { status: 'running' }>,
  { logger }: CheckedOptions,
): Promise<void> {
  http?.close()
  core.drain()
  logger.info({ connected: core.connected }, 'Draining: clients are told to come back later.')
  await Promise.all([core.close(), sockets.close()])
  http?.closeAllConnections()
}

function listen(http: HttpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, port, host)))
    http.listen({ port, host }, () => resolve())
  })
}

function cannotListen(error: NodeJS.ErrnoException, port: number, host: string): PresenceError {
  const why =
    error.code === 'EADDRINUSE'
      ? 'another program is using it. Stop that one, or name another with --port or PRESENCE_PORT'
      : error.code === 'EACCES'
        ? 'this user may not. Name a port above 1023 with --port or PRESENCE_PORT'
        : error.message
  return new PresenceError('bad-options', `Cannot listen on port ${port} of ${host}: ${why}.`, { cause: error })
}

function everyone(host: string): PresenceError {
  return new PresenceError(
    'bad-options',
    `Listening on ${host} would let in everyone, and there is no authentication. Use 127.0.0.1, or say that this is meant with open: true (--open, PRESENCE_OPEN=1).`,
  )
}

function addressOf(http: HttpServer, host: string): PresenceAddress {
  const { port } = http.address() as AddressInfo
  const name = ['127.0.0.1', '0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return { host, port, url: `http://${name}:${port}` }
}

function toPresenceEntry({ clientId, data, lease, joinedAtMs, user }: Entry): PresenceEntry {
  return { clientId, data, expiresAtMs: expiresAtMs(lease), joinedAtMs, ...(user ? { user } : {}) }
}
