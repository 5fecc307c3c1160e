import { PresenceError, presenceErrorCodes } from './errors.ts'
import type { Message } from './channel.ts'
import { ttlMaxMs, ttlMinMs, protocolVersion } from './limits.ts'
import { isWholeGroup } from './moves.ts'
import { parseUser } from './user.ts'
import type { ClientMessage, Credentials, Handshake, RoomRef, ServerMessage } from './messages.ts'

/*
 * The only place where input from the network becomes typed. Each function returns what it was given, checked,
 * or throws a PresenceError. Room keys, data and its size are checked by whoever knows the limits.
 */

/** Checks what a client says of itself; throws `unsupported-version`, `bad-message` or `bad-user`. */
export function parseHandshake(auth: unknown): Handshake {
  const said = asObject(auth, 'The auth payload of the handshake')
  if (said['v'] !== protocolVersion) {
    throw new PresenceError(
      'unsupported-version',
      `This server speaks version ${protocolVersion} of the presence protocol; the client asked for ${JSON.stringify(said['v'])}. Update the older of the two.`,
    )
  }
  if (!isId(said['clientId'])) throw bad('clientId in the handshake must be an integer from 1 to 2^53 - 1')
  if (typeof said['secret'] !== 'string' || !/^[0-9a-f]{32}$/.test(said['secret']))
    throw bad('secret in the handshake must be 32 lower-case hex digits')
  return { v: protocolVersion, clientId: said['clientId'], secret: said['secret'], ...parseCredentials(said) }
}

/** Checks a message from a client; throws `bad-message`. Data, keys and users of rooms are not looked into. */
export function parseClientMessage(message: Message): ClientMessage {
  const [event, first, second] = message
  switch (event) {
    case 'enter':
    case 'exit':
    case 'count':
    case 'uncount':
      if (typeof first !== 'string') throw bad(`${event} takes a room key`)
      return [event, first]
    case 'p':
      if (!Array.isArray(first) || first.length === 0) throw bad('p takes a list of puts')
      for (const row of first) checkPut(row)
      return message as unknown as ClientMessage
    case 'l':
      return ['l', parseRoomRef(first), parseNumber(second)]
    case 'bye':
      return ['bye']
    case 'auth':
      return ['auth', parseNumber(first), parseCredentials(asObject(second, 'auth'))]
    case 't':
      return ['t', parseNumber(first)]
    default:
      throw bad(`there is no event ${JSON.stringify(String(event).slice(0, 40))}`)
  }
}

function checkPut(row: unknown): void {
  if (!Array.isArray(row) || row.length !== 5) throw bad('a put is [room, n, ttlMs, held, data]')
  const [room, n, ttlMs, held] = row as unknown[]
  if (held !== 0 && held !== 1) throw bad('held is 0 or 1')
  parseRoomRef(room)
  parseNumber(n)
  checkWireTtl(ttlMs)
}

// A client may send what is left of a lease (P7), so the floor of a second does not bind the wire.
function checkWireTtl(ttlMs: unknown): void {
  if (!Number.isInteger(ttlMs) || (ttlMs as number) < 1 || (ttlMs as number) > ttlMaxMs) {
    throw bad(`ttlMs is an integer from 1 to ${ttlMaxMs}`)
  }
}

function parseRoomRef(room: unknown): RoomRef {
  if (typeof room === 'string' || (typeof room === 'number' && isId(room))) return room
  throw bad('a room is its key, or the number from its snapshot')
}

function parseNumber(n: unknown): number {
  if (!isId(n)) throw bad('n and id are integers from 1 to 2^53 - 1')
  return n
}

function parseCredentials(said: Record<string, unknown>): Credentials {
  const { token, user } = said
  if (token !== undefined && token !== null && typeof token !== 'string') throw bad('token must be a string')
  return {
    ...(typeof token === 'string' ? { token } : {}),
    ...(user === undefined || user === null ? {} : { user: parseUser(user) }),
  }
}

/** Checks the shape of a message from a server; throws `bad-message`. */
export function parseServerMessage(message: Message): ServerMessage {
  const [event, ...args] = message
  if (!serverShapes.get(event)?.every((accepts, i) => accepts(args[i])))
    throw bad(`"${event.slice(0, 40)}" from a server, with these arguments`)
  return message as unknown as ServerMessage
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isCount = (value: unknown): value is number => typeof value === 'number'
const isRows = (value: unknown): boolean => Array.isArray(value) && value.every(Array.isArray)
const isUpdates = (value: unknown): boolean =>
  isRows(value) && (value as unknown[][]).every((row) => !Array.isArray(row[0]) || isWholeGroup(row))
const isMaybeRows = (value: unknown): boolean => value === undefined || isRows(value)
const isPlain = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

const serverShapes = new Map<string, readonly ((value: unknown) => boolean)[]>(
  Object.entries({
    hello: [isPlain],
    s: [isText, isCount, isText, isCount, isRows],
    d: [isCount, isCount, isCount, isUpdates, isMaybeRows, isMaybeRows, isMaybeRows],
    k: [isText, isCount],
    pace: [isText, isCount],
    c: [isText, isCount, isCount],
    refused: [isPlain],
    authed: [isCount, (user) => user === null || isPlain(user), (at) => at === undefined || isCount(at)],
    t: [isCount, isCount],
    v: [isCount],
    drain: [isCount],
  }),
)

/** Makes an error of what a server sent; a code it does not know becomes `internal`. */
export function parseWireError(value: unknown): PresenceError {
  const { code, message, canRetry, retryAfterMs, room } = (isPlain(value) ? value : {}) as Record<string, unknown>
  return new PresenceError(
    presenceErrorCodes.find((known) => known === code) ?? 'internal',
    isText(message) ? message : 'The server does not say why.',
    {
      canRetry: canRetry === true,
      retryAfterMs: isCount(retryAfterMs) ? retryAfterMs : undefined,
      room: isText(room) ? room : undefined,
    },
  )
}

/** Checks the `ttlMs` of a call: a finite number from 1 000 to 86 400 000, rounded down; throws `bad-ttl` (L1). */
export function parseTtl(ttlMs: unknown): number {
  if (isCount(ttlMs) && ttlMs >= ttlMinMs && ttlMs <= ttlMaxMs) return Math.floor(ttlMs)
  throw new PresenceError(
    'bad-ttl',
    `ttlMs must be a number of milliseconds from ${ttlMinMs} to ${ttlMaxMs}, not the ${typeof ttlMs} ${String(ttlMs)}.`,
  )
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1
}

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(`${what} must be an object`)
  return value as Record<string, unknown>
}

function bad(sentence: string): PresenceError {
  return new PresenceError('bad-message', `Not a message of the presence protocol: ${sentence}.`)
}
