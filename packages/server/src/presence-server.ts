import { createServer } from 'node:http'
import type { IncomingMessage, Server as HttpServer, ServerOptions, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PresenceError, systemClock } from '@app/protocol'
import { adminTokenOf } from './admin-token.ts'
import { checkHost, isOriginAllowed, type Policy } from './admission.ts'
import { PresenceCore } from './core.ts'
import { createCounters } from './counters.ts'
import { createHttpHandler, createOwnPaths } from './http.ts'
import { issuerFor } from './jwt.ts'
import { listen } from './listen.ts'
import { createMetrics, standsStill } from './metrics.ts'
import { Operator } from './operator.ts'
import type { EntryPut, OfTenant, PresenceEntry, PutEntry, RoomsPage, RoomsQuery, Whom } from './operator.ts'
import { readiness, type Facts } from './readiness.ts'
import { checkOptions, type CheckedOptions, type PresenceServerOptions } from './server-options.ts'
import { Sockets } from './socket-io.ts'

/** Where a server listens. */
export interface PresenceAddress {
  readonly host: string
  readonly port: number
  /** What a client is given, such as `http://localhost:4400`. */
  readonly url: string
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
  /**
   * For a server of yours: answers what `listen` would on a port of its own, `/healthz`, `/readyz`, `/metrics` and, with an `adminToken`,
   * `/v1`. Returns whether it does; of other requests it does nothing.
   */
  handle(request: IncomingMessage, response: ServerResponse): boolean
  /** Who is in a room now; nobody while the server does not run. */
  snapshot(key: string, of?: OfTenant): readonly PresenceEntry[]
  /** Which rooms there are, that somebody is in or listens to; a page at a time. Throws `bad-options`. */
  rooms(query?: RoomsQuery): RoomsPage
  /** How many are in a room now: distinct users (a client without one counts by itself), and clients. */
  count(key: string, of?: OfTenant): { readonly users: number; readonly clients: number }
  /**
   * Puts an entry that has no client, for a bot or a program that runs now and then. It ends after `ttlMs` unless it is put
   * again with the `clientId` that it was given; then it returns nothing if the entry has ended meanwhile. Throws `bad-ttl`,
   * `bad-data`, `bad-schema`, `bad-user`, `too-large`, `room-full`, `too-many-rooms`, `bad-options`, and `draining` while the
   * server does not run.
   */
  putEntry(key: string, put: EntryPut & { readonly clientId?: undefined }): PutEntry
  putEntry(key: string, put: EntryPut & { readonly clientId?: number | undefined }): PutEntry | undefined
  /** Takes such an entry away. Returns whether it was there. Throws `bad-options` for the number of a client: `kick` it. */
  removeEntry(key: string, clientId: number, of?: OfTenant): boolean
  /**
   * Takes a client's entry away and tells it so, which stops its tracks of that room, and takes none from it there for
   * `banMs` milliseconds: up to 31 days, default 60 000; 0 also ends what is left of an earlier kick. Returns whether there was an
   * entry; if not, nobody is kept out. Throws `bad-options`, also for what `putEntry` gave: `removeEntry` is for that.
   */
  kick(key: string, clientId: number, how?: OfTenant & { readonly banMs?: number | undefined }): boolean
  /**
   * Ends the connections of a user, or of one client, as if their tokens had ended: for when what they may do has changed, or
   * who they are. They come back and are asked again who they are. Returns how many there were. Throws `bad-options`.
   */
  disconnect(who: Whom): number
  /** How it stands, in the text format of Prometheus; the same as `GET /metrics` of this machine. */
  metrics(): Promise<string>
  /** Tells clients to come back later, writes the store, and closes every connection; resolves when all is done. */
  close(): Promise<void>
}

type State =
  | { readonly status: 'idle' }
  | {
      readonly status: 'running'
      readonly core: PresenceCore
      readonly sockets: Sockets
      readonly http: HttpServer | undefined
    }
  | { readonly status: 'closing' }
  | { readonly status: 'closed' }

// All of the data may be written as \uXXXX, in the body of a request; a user, or the rooms of a token, come beside them.
const bodyFactor = 6
const bodySlackBytes = 16_384

/** Makes a server; it does nothing until `listen` or `attach`. Throws `bad-options` with a sentence that names the option. */
export function createPresenceServer(options: PresenceServerOptions = {}): PresenceServer {
  const checked = checkOptions(options)
  const policy: Policy = { mode: checked.auth ? 'auth' : checked.open ? 'open' : 'loopback', origins: checked.origins }
  let state: State = { status: 'idle' }
  const { adminToken, logger } = checked
  const admin = adminToken === undefined ? undefined : adminTokenOf(adminToken, logger, () => systemClock.monotonicMs())
  const core = (): PresenceCore | undefined => (state.status === 'running' ? state.core : undefined)
  const bodyBytes = checked.dataBytes * bodyFactor + bodySlackBytes
  const operator = new Operator({ ...checked, core })
  const counters = createCounters()
  const metrics = createMetrics(() => core()?.standing() ?? standsStill, counters)
  const facts = (): Facts => ({
    phase: state.status === 'idle' ? 'starting' : state.status === 'running' ? 'running' : 'draining',
    isStoreFailing: core()?.isStoreFailing ?? false,
    lagMs: core()?.lagMs ?? 0,
  })

  const ownPaths = createOwnPaths({
    isAlive: () => state.status !== 'idle' && state.status !== 'closed',
    readiness: () => readiness(facts()),
    metrics,
    api: admin && { adminToken: admin, logger, operator, issue: issuerFor(checked.auth), bodyBytes },
  })

  function start(http: HttpServer, isOwn: boolean): void {
    if (state.status !== 'idle')
      throw new PresenceError('bad-options', 'A presence server runs once. Create another one.')
    const sockets = new Sockets({ ...checked, isOriginAllowed: (knock) => isOriginAllowed(knock, policy) })
    const core = new PresenceCore({
      ...checked,
      admin,
      clock: systemClock,
      transport: sockets,
      policy,
      measureLoad: loadMeter(),
      counters,
    })
    sockets.attach(http, core)
    state = { status: 'running', core, sockets, http: isOwn ? http : undefined }
  }

  async function close(): Promise<void> {
    const was = state
    state = { status: 'closing' }
    if (was.status === 'running') await stop(was, checked)
    state = { status: 'closed' }
  }
  let closed: Promise<void> | undefined

  return {
    async listen({ port = 4400, host = '127.0.0.1' } = {}) {
      checkHost(policy.mode, host)
      const http = createServer(timeoutsOf(checked), createHttpHandler(ownPaths, checked.static))
      // The port first: who finds it taken must not touch the store of the server that has it.
      await listen(http, port, host)
      try {
        start(http, true)
      } catch (error) {
        http.close()
        throw error
      }
      const address = addressOf(http, host)
      logger.info({ ...address, letsIn: policy.mode, restart: checked.restart }, 'Started.')
      return address
    },
    attach(http) {
      start(http, false)
      logger.info({ letsIn: policy.mode, restart: checked.restart }, 'Started on an HTTP server that was there.')
    },
    handle: ownPaths,
    rooms: (query) => operator.rooms(query),
    snapshot: (key, of) => operator.snapshot(key, of),
    count: (key, of) => operator.count(key, of),
    putEntry: (key: string, put: EntryPut) => operator.putEntry(key, put) as PutEntry,
    removeEntry: (key, clientId, of) => operator.removeEntry(key, clientId, of),
    kick: (key, clientId, how) => operator.kick(key, clientId, how),
    disconnect: (who) => operator.disconnect(who),
    metrics: () => metrics.text(),
    close: () => (closed ??= close()),
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
  const startedMs = performance.now()
  logger.info({ connected: core.connected }, 'Draining: clients are told to come back later.')
  await Promise.all([core.close(), sockets.close()])
  // Whoever keeps one open in case of another request is not waited for.
  http?.closeAllConnections()
  logger.info({ tookMs: Math.round(performance.now() - startedMs) }, 'Stopped.')
}

function addressOf(http: HttpServer, host: string): PresenceAddress {
  const { port } = http.address() as AddressInfo
  const name = ['127.0.0.1', '0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return { host, port, url: `http://${name}:${port}` }
}
