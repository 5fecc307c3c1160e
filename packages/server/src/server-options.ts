import { Complaints } from './complaints.ts'
import type { CrowdLimits } from './crowd.ts'
import type { PutRates } from './put-queue.ts'
import { inspect } from 'node:util'
import { defaultLimits, flushDefaultMs, heldTtlMinDefaultMs, PresenceError, type DefinedRooms } from '@app/protocol'
import { isOrigin } from './admission.ts'
import type { Authenticate } from './authenticate.ts'
import { isDirectory } from './http.ts'
import { consoleLogger, type Logger } from './logger.ts'
import { parseAdminToken } from './secret.ts'
import type { PresenceStore } from './store.ts'
import { memoryStore } from './stores/memory-store.ts'

/** Everything has a default; a server without options runs in memory and lets in only this machine. */
export interface PresenceServerOptions {
  /** Where presence survives a restart: `sqliteStore({ file })`. Default: `memoryStore()`. */
  readonly store?: PresenceStore | undefined
  /** Says who a client is. Without it clients say themselves, and only this machine is let in unless `open` is set. */
  readonly auth?: Authenticate | undefined
  /** Without `auth`: let in everyone, from anywhere. */
  readonly open?: boolean | undefined
  /**
   * The origins of pages that are let in beside those that this server serves itself, such as `https://app.example`; `*` for
   * all.
   */
  readonly origins?: readonly string[] | undefined
  /**
   * How many proxies stand between the clients and this server: so many entries from the end of `X-Forwarded-For` are
   * believed. Default: 0, none.
   */
  readonly trustProxy?: number | undefined
  /** `defineRooms({ 'pr:board': Board })`: refuses data that do not fit the schema of their room. Default: any will do. */
  readonly rooms?: DefinedRooms | undefined
  /** What one client, user or address may ask of the server. */
  readonly limits?:
    | {
        /** UTF-8 bytes of JSON that one entry may hold (`too-large`). Default: 4 096. */
        readonly dataBytes?: number | undefined
        /** Bytes of a room key (`bad-key`). Default, and at most: 256. */
        readonly keyBytes?: number | undefined
        /** Clients that may have an entry in one room; for more it is full (`room-full`). Default: 1 000. */
        readonly roomClients?: number | undefined
        /** Puts a second of one client into one room; faster ones wait (A3). Default: 40. */
        readonly roomPutsPerSecond?: number | undefined
        /** Puts a second of one client into all rooms. Default: 300. */
        readonly putsPerSecond?: number | undefined
        /** Rooms that one connection may be in; derived keys are not counted (`too-many-rooms`). Default: 200. */
        readonly rooms?: number | undefined
        /** Connections of one user, where `auth` says who that is (`too-many-connections`). Default: 100. */
        readonly userConnections?: number | undefined
        /** Entries of all clients of one user, where `auth` says who that is (`too-many-rooms`). Default: 10 000. */
        readonly userEntries?: number | undefined
        /** Connections from one address, or one /64 of IPv6 (`too-many-connections`). Loopback is not counted. Default: 1 000. */
        readonly addressConnections?: number | undefined
        /** Messages a second of one connection; more end it (`rate-limited`). Default: 2 000. */
        readonly messagesPerSecond?: number | undefined
        /** Bytes of one message (`too-large`); it ends the connection. Default: 1 048 576, or four entries of `dataBytes`. */
        readonly messageBytes?: number | undefined
        /** How long a client may take from its connection to its hello, `auth` included, in ms (`timeout`). Default: 10 000. */
        readonly handshakeMs?: number | undefined
        /** Messages that are none of the protocol, after which a connection is ended (`bad-message`). Default: 100. */
        readonly badMessages?: number | undefined
      }
    | undefined
  /** `fresh` (default): a start begins with no entries. `resume`: with those whose deadline has not passed. */
  readonly restart?: 'fresh' | 'resume' | undefined
  /** How long a tracked entry waits for its client when the connection is lost, in ms. Default: 15 000. */
  readonly graceMs?: number | undefined
  /** The shortest lease of a tracked entry, in ms; pings come twice as often. Default: 20 000. */
  readonly heldTtlMinMs?: number | undefined
  /** How late new data of an entry may be written to the store, in ms. Default: 1 000. */
  readonly persistMs?: number | undefined
  /**
   * How often a busy room is told what changed, in ms; about half in a small room of an idle server, more in a crowd.
   * Default: 33.
   */
  readonly flushMs?: number | undefined
  /** Within which time clients come back after `close()`, in ms, up to 30 000. Default: as after a lost connection. */
  readonly drainMs?: number | undefined
  /**
   * Opens the interface of the operator, `/v1` and `/admin`, to requests that have it as `Authorization: Bearer …`: at least 32
   * visible ASCII characters. Default: none, and there is no such interface.
   */
  readonly adminToken?: string | undefined
  /** A directory whose files are served to browsers. Default: none. */
  readonly static?: string | undefined
  /** Whether lines about clients in the log have the address from which they came. Default: false. */
  readonly logAddresses?: boolean | undefined
  /** Default: warnings and errors go to the console. */
  readonly logger?: Logger | undefined
}

export interface CheckedOptions {
  readonly store: PresenceStore
  readonly auth: Authenticate | undefined
  readonly open: boolean
  readonly origins: readonly string[] | undefined
  readonly rooms: DefinedRooms | undefined
  readonly dataBytes: number
  readonly keyBytes: number
  readonly roomClients: number
  readonly userEntries: number
  readonly putRates: PutRates
  readonly roomsMax: number
  readonly crowdLimits: CrowdLimits
  readonly messageBytes: number
  readonly handshakeMs: number
  readonly messagesPerSecond: number
  readonly badMessagesMax: number
  readonly trustProxy: number
  readonly restart: 'fresh' | 'resume'
  readonly graceMs: number
  readonly heldTtlMinMs: number
  readonly persistMs: number
  readonly flushMs: number
  readonly drainMs: number | undefined
  readonly adminToken: string | undefined
  readonly static: string | undefined
  readonly logAddresses: boolean
  readonly logger: Logger
}

/** Every option and nothing else, so that a misspelt one is found; with a dot, one of `limits`. */
export const optionNames: readonly string[] = [
  ...['store', 'auth', 'open', 'origins', 'limits', 'restart', 'graceMs', 'heldTtlMinMs', 'persistMs', 'flushMs'],
  ...['rooms', 'drainMs', 'adminToken', 'static', 'logger', 'logAddresses', 'limits.dataBytes', 'limits.keyBytes'],
  ...['limits.roomClients', 'limits.roomPutsPerSecond', 'limits.putsPerSecond', 'limits.rooms', 'trustProxy'],
  ...['limits.userConnections', 'limits.addressConnections', 'limits.messageBytes', 'limits.handshakeMs'],
  ...['limits.userEntries', 'limits.messagesPerSecond', 'limits.badMessages'],
]

/**
 * Fills in the defaults; throws `bad-options` with a line for each wrong option, which names it, its value and what was
 * wanted.
 */
export function checkOptions(options: PresenceServerOptions): CheckedOptions {
  const complaints = new Complaints()
  const limits = complaints.hear(() => checkLimits(options.limits)) ?? {}
  const said = [...Object.keys(options), ...Object.keys(limits).map((name) => `limits.${name}`)]
  for (const name of said)
    if (!optionNames.includes(name)) complaints.add(`createPresenceServer has no option "${name}".`)
  const {
    store = memoryStore(),
    auth,
    open = false,
    origins,
    restart = 'fresh',
    logAddresses = false,
    logger = consoleLogger,
  } = options
  if (typeof store?.open !== 'function')
    complaints.add(wrong('store', store, 'a store such as sqliteStore({ file: "presence.db" })'))
  // Its value may hold a secret.
  if (auth !== undefined && typeof auth !== 'function')
    complaints.add(`auth is of type ${typeof auth}; wanted: jwt({ secret }), or a function that says who a client is.`)
  if (typeof open !== 'boolean') complaints.add(wrong('open', open, 'true or false'))
  if (typeof logAddresses !== 'boolean') complaints.add(wrong('logAddresses', logAddresses, 'true or false'))
  // Its fields may be whatever a library keeps there.
  if (!isLogger(logger))
    complaints.add(
      `logger is of type ${typeof logger}; wanted: an object with debug, info, warn and error, such as pino().`,
    )
  if (restart !== 'fresh' && restart !== 'resume') complaints.add(wrong('restart', restart, '"fresh" or "resume"'))
  const number = (...given: Parameters<typeof wholeNumber>): number => complaints.hear(() => wholeNumber(...given))
  const checked = <Value, Option>(value: Value | undefined, check: (value: Value) => Option): Option | undefined =>
    value === undefined ? undefined : complaints.hear(() => check(value))
  const dataBytes = number('limits.dataBytes', limits.dataBytes ?? defaultLimits.dataBytes, 1, 1_048_576)
  const all: CheckedOptions = {
    store,
    auth,
    open,
    origins: checked(origins, checkOrigins),
    rooms: checked(options.rooms, checkRooms),
    dataBytes,
    putRates: {
      perRoom: number('limits.roomPutsPerSecond', limits.roomPutsPerSecond ?? 40, 1, 10_000),
      perConnection: number('limits.putsPerSecond', limits.putsPerSecond ?? 300, 1, 100_000),
    },
    keyBytes: number('limits.keyBytes', limits.keyBytes ?? defaultLimits.keyBytes, 4, defaultLimits.keyBytes),
    roomClients: number('limits.roomClients', limits.roomClients ?? defaultLimits.roomClients, 1, 100_000),
    userEntries: number('limits.userEntries', limits.userEntries ?? 10_000, 1, 100_000_000),
    roomsMax: number('limits.rooms', limits.rooms ?? 200, 1, 10_000),
    crowdLimits: {
      userConnections: number('limits.userConnections', limits.userConnections ?? 100, 1, 1_000_000),
      addressConnections: number('limits.addressConnections', limits.addressConnections ?? 1_000, 1, 1_000_000),
    },
    messageBytes: number(
      'limits.messageBytes',
      limits.messageBytes ?? Math.max(1_048_576, (dataBytes || 0) * 4),
      65_536,
      16_777_216,
    ),
    handshakeMs: number('limits.handshakeMs', limits.handshakeMs ?? 10_000, 100, 120_000),
    messagesPerSecond: number('limits.messagesPerSecond', limits.messagesPerSecond ?? 2_000, 10, 1_000_000),
    badMessagesMax: number('limits.badMessages', limits.badMessages ?? 100, 1, 1_000_000),
    trustProxy: number('trustProxy', options.trustProxy ?? 0, 0, 10),
    restart,
    graceMs: number('graceMs', options.graceMs ?? 15_000, 0, 86_400_000),
    heldTtlMinMs: number('heldTtlMinMs', options.heldTtlMinMs ?? heldTtlMinDefaultMs, 1_000, 86_400_000),
    persistMs: number('persistMs', options.persistMs ?? 1_000, 0, 60_000),
    flushMs: number('flushMs', options.flushMs ?? flushDefaultMs, 1, 10_000),
    drainMs: checked(options.drainMs, (value) => wholeNumber('drainMs', value, 0, 30_000)),
    adminToken: checked(options.adminToken, (value) => parseAdminToken(value, 'adminToken')),
    static: checked(options.static, checkDirectory),
    logAddresses,
    logger,
  }
  complaints.end()
  return all
}

function checkLimits(limits: PresenceServerOptions['limits'] = {}): NonNullable<PresenceServerOptions['limits']> {
  if (typeof limits === 'object' && limits !== null && !Array.isArray(limits)) return limits
  throw bad('limits', limits, 'an object such as { dataBytes: 4096 }')
}

function isLogger(logger: Logger | null): boolean {
  return (['debug', 'info', 'warn', 'error'] as const).every((level) => typeof logger?.[level] === 'function')
}

function checkOrigins(origins: readonly string[]): readonly string[] {
  if (Array.isArray(origins) && origins.every(isOrigin)) return origins
  throw bad('origins', origins, 'a list of origins such as ["https://app.example"], or ["*"]')
}

function checkRooms(rooms: DefinedRooms): DefinedRooms {
  // By its shape: the module that defines them may have another copy of the protocol.
  if (typeof rooms?.schemaFor === 'function') return rooms
  throw new PresenceError(
    'bad-options',
    'rooms was not made by defineRooms; wanted: defineRooms({ "pr:board": Board }).',
  )
}

function checkDirectory(directory: string): string {
  if (!isDirectory(directory)) throw bad('static', directory, 'a directory that exists')
  return directory
}

function wholeNumber(name: string, value: unknown, min: number, max: number): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number
  throw bad(name, value, `a whole number from ${min} to ${max}`)
}

function bad(name: string, value: unknown, wanted: string): PresenceError {
  return new PresenceError('bad-options', wrong(name, value, wanted))
}

function wrong(name: string, value: unknown, wanted: string): string {
  return `${name} is ${inspect(value, { breakLength: Infinity, compact: true })}; wanted: ${wanted}.`
}
