import { encodeData, parseRoomKey, parseTtl, parseUser, PresenceError, type PresenceUser } from '@app/protocol'
import type { Known } from './authenticate.ts'
import type { PresenceCore } from './core.ts'
import { expiresAtMs } from './lease.ts'
import type { Logger } from './logger.ts'
import { keyOf, parseTenant, placeOf, tenantOf } from './place.ts'
import { countOf, type Entry } from './room.ts'
import { shown } from './shown.ts'

/** One client's presence in a room, as the server has it. */
export interface PresenceEntry {
  /** Below zero for an entry of `putEntry`, which has no client. */
  readonly clientId: number
  /** As the client put it: the input of a schema, not its output. */
  readonly data: unknown
  /** When it ends unless it is renewed, in Unix ms. */
  readonly expiresAtMs: number
  /** When the client came, in Unix ms. */
  readonly joinedAtMs: number
  readonly user?: PresenceUser
}

/** A client, or all clients of a user. */
export type Whom = { readonly clientId: number } | (OfTenant & { readonly userId: string })

/** Whose room is meant, where there are tenants. */
export interface OfTenant {
  readonly tenant?: string | undefined
}

/** Which rooms are meant; without a `tenant` those of all tenants. */
export interface RoomsQuery extends OfTenant {
  /** How many at most: 1 to 1 000. Default: 100. */
  readonly limit?: number | undefined
  /** The `next` of the page before. Default: from the first one. */
  readonly after?: string | undefined
  /** How their keys begin. */
  readonly prefix?: string | undefined
}

/** How a room stands. */
export interface RoomSummary {
  readonly key: string
  readonly tenant?: string
  /** Distinct users with an entry; a client without a user counts by itself. */
  readonly users: number
  /** Entries. */
  readonly clients: number
  /** Connections that hear all that happens in the room. */
  readonly listeners: number
}

/** Some of the rooms, by key and then by tenant. */
export interface RoomsPage {
  readonly rooms: readonly RoomSummary[]
  /** The `after` of the next page; null when there is none. */
  readonly next: string | null
}

/** What a program puts into a room that has no connection, such as a bot. */
export interface EntryPut extends OfTenant {
  /** Any JSON, up to `limits.dataBytes`. */
  readonly data: unknown
  /** How long it stays unless it is put again: 1 000 to 86 400 000 ms. */
  readonly ttlMs: number
  readonly user?: PresenceUser | undefined
}

/** An entry that was put. */
export interface PutEntry {
  /** What to put or remove it by; below zero. */
  readonly clientId: number
  /** When it ends, in Unix ms. */
  readonly expiresAtMs: number
  /** When it was first put, in Unix ms. */
  readonly joinedAtMs: number
}

/** A whole room. */
export interface RoomState {
  readonly key: string
  readonly tenant?: string
  readonly epoch: string
  readonly version: number
  readonly nowMs: number
  readonly entries: readonly (PresenceEntry & { readonly isHeld: boolean })[]
  readonly users: number
  readonly clients: number
}

const banDefaultMs = 60_000
const banMostMs = 31 * 86_400_000
const startingRetryMs = 5_000
const roomsDefault = 100
const roomsMost = 1_000

export interface OperatorOptions {
  /** Undefined while the server does not run. */
  readonly core: () => PresenceCore | undefined
  readonly keyBytes: number
  readonly dataBytes: number
  /** Is told of all that is changed, and neither whose it was nor where. */
  readonly logger: Logger
}

/**
 * What the application or its operator asks of a server, by calls or over HTTP. Everything is checked here; each method throws
 * `bad-options` for what it does not know, and `bad-key` for a key that is none.
 */
export class Operator {
  readonly #options: OperatorOptions

  constructor(options: OperatorOptions) {
    this.#options = options
  }

  rooms(query: RoomsQuery = {}): RoomsPage {
    checkNames('rooms', query, ['limit', 'after', 'prefix', 'tenant'])
    const { limit = roomsDefault, after, prefix = '', tenant } = query
    if (!Number.isInteger(limit) || limit < 1 || limit > roomsMost)
      throw bad('limit', limit, `a whole number from 1 to ${roomsMost}`)
    if (typeof prefix !== 'string') throw bad('prefix', prefix, 'how keys begin, such as "pr:team/"')
    if (after !== undefined && typeof after !== 'string') throw bad('after', after, 'the next of the page before')
    // One more says whether there is another page.
    const wanted = { prefix, tenant: checkTenant(tenant), after, limit: limit + 1 }
    const found = this.#options.core()?.rooms(wanted) ?? []
    const rooms = found.slice(0, limit)
    return {
      rooms: rooms.map(({ place, users, clients, listeners }) => ({ ...nameOf(place), users, clients, listeners })),
      next: found.length > limit ? (rooms.at(-1)?.place ?? null) : null,
    }
  }

  room(key: string, of?: OfTenant): RoomState {
    const place = this.#place(key, of)
    const core = this.#options.core()
    const entries = core?.entries(place) ?? []
    return {
      ...nameOf(place),
      epoch: core?.epoch ?? '',
      version: core?.version(place) ?? 0,
      nowMs: core?.nowMs ?? 0,
      entries: entries.map((entry) => ({ ...toPresenceEntry(entry), isHeld: entry.lease.kind !== 'timed' })),
      ...countOf(entries),
    }
  }

  snapshot(key: string, of?: OfTenant): readonly PresenceEntry[] {
    return this.#entries(key, of).map(toPresenceEntry)
  }

  count(key: string, of?: OfTenant): { readonly users: number; readonly clients: number } {
    return countOf(this.#entries(key, of))
  }

  /** Undefined: there is no entry of that `clientId` in the room (any more). */
  putEntry(key: string, put: EntryPut & { readonly clientId?: number | undefined }): PutEntry | undefined {
    checkNames('putEntry', put, ['data', 'ttlMs', 'user', 'clientId', 'tenant'])
    const { clientId, tenant } = put
    const place = this.#place(key, { tenant })
    if (clientId !== undefined && !isWritten(clientId))
      throw bad('clientId', clientId, 'what an earlier put was answered with, a number below zero')
    const { data, json } = encodeData(put.data, this.#options.dataBytes)
    const ttlMs = parseTtl(put.ttlMs)
    const user = put.user === undefined ? undefined : parseUser(put.user)
    const entry = this.running().putWritten(place, { clientId, user, ttlMs, data, json })
    // Again and again it is put to stay.
    if (entry)
      this.#options.logger[clientId === undefined ? 'info' : 'debug']({ clientId: entry.clientId }, 'An entry was put.')
    return entry && { clientId: entry.clientId, expiresAtMs: expiresAtMs(entry.lease), joinedAtMs: entry.joinedAtMs }
  }

  removeEntry(key: string, clientId: number, of?: OfTenant): boolean {
    const place = this.#place(key, of)
    if (!isWritten(clientId))
      throw bad('clientId', clientId, 'what putEntry was answered with, a number below zero; kick is for clients')
    const isGone = this.#options.core()?.removeWritten(place, clientId) ?? false
    if (isGone) this.#options.logger.info({ clientId }, 'An entry that was put was taken away.')
    return isGone
  }

  kick(key: string, clientId: number, how: OfTenant & { readonly banMs?: number | undefined } = {}): boolean {
    if (!Number.isSafeInteger(clientId)) throw bad('clientId', clientId, 'the number of a client')
    if (isWritten(clientId))
      throw bad('clientId', clientId, 'the number of a client; removeEntry is for entries that were put')
    checkNames('kick', how, ['tenant', 'banMs'])
    const { tenant, banMs = banDefaultMs } = how
    const place = this.#place(key, { tenant })
    if (typeof banMs !== 'number' || !(banMs >= 0 && banMs <= banMostMs))
      throw bad('banMs', banMs, `milliseconds, 0 to ${banMostMs} (31 days)`)
    const isKicked = this.#options.core()?.kick(place, clientId, banMs) ?? false
    if (isKicked) this.#options.logger.info({ clientId, banMs }, 'A client was kicked.')
    return isKicked
  }

  disconnect(who: Whom): number {
    const { clientId, userId, tenant } = (who ?? {}) as { clientId?: number; userId?: string; tenant?: string }
    checkNames('disconnect', who, clientId === undefined ? ['userId', 'tenant'] : ['clientId'])
    // Who is no user has no id: left out, it would be all of those.
    if (clientId === undefined && typeof userId !== 'string') throw bad('userId', userId, 'the id of a user')
    if (clientId !== undefined && !Number.isSafeInteger(clientId)) throw bad('clientId', clientId, 'a number')
    checkTenant(tenant)
    const isMeant = (each: { clientId: number; identity: Known }): boolean =>
      clientId === undefined
        ? each.identity.user?.id === userId && each.identity.tenant === tenant
        : each.clientId === clientId
    const disconnected = this.#options.core()?.disconnect(isMeant) ?? 0
    this.#options.logger.info({ clientId, disconnected }, 'Clients were disconnected.')
    return disconnected
  }

  /** Throws `draining` while the server does not run. */
  running(): PresenceCore {
    const core = this.#options.core()
    if (core) return core
    throw new PresenceError('draining', 'The server does not run.', { canRetry: true, retryAfterMs: startingRetryMs })
  }

  #entries(key: string, of?: OfTenant): readonly Entry[] {
    const place = this.#place(key, of)
    return this.#options.core()?.entries(place) ?? []
  }

  #place(key: string, { tenant }: OfTenant = {}): string {
    return placeOf(checkTenant(tenant), parseRoomKey(key, this.#options.keyBytes))
  }
}

/** Whether it is the number of an entry without a client. */
export function isWritten(clientId: unknown): boolean {
  return Number.isSafeInteger(clientId) && (clientId as number) < 0
}

/** What is misspelt or misplaced would do another thing, and look as if it had worked. */
export function checkNames(method: string, given: unknown, names: readonly string[]): void {
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given)
  if (!isObject || !Object.keys(given).every((name) => names.includes(name)))
    throw new PresenceError('bad-options', `${method} takes { ${names.join(', ')} }, not ${shown(given)}.`)
}

function checkTenant(tenant: string | undefined): string | undefined {
  return tenant === undefined ? undefined : parseTenant(tenant)
}

function nameOf(place: string): { readonly key: string; readonly tenant?: string } {
  const tenant = tenantOf(place)
  return { key: keyOf(place), ...(tenant === undefined ? {} : { tenant }) }
}

function toPresenceEntry({ clientId, data, lease, joinedAtMs, user }: Entry): PresenceEntry {
  return { clientId, data, expiresAtMs: expiresAtMs(lease), joinedAtMs, ...(user ? { user } : {}) }
}

function bad(name: string, value: unknown, wanted: string): PresenceError {
  return new PresenceError('bad-options', `${name} is ${shown(value)}; wanted: ${wanted}.`)
}
