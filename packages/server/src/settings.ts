import { inspect } from 'node:util'
import { PresenceError } from '@app/protocol'
import { isOrigin } from './admission.ts'
import { isDirectory } from './http.ts'
import { isJwksUrl } from './jwt.ts'
import { parseAdminToken, parseSecret } from './secret.ts'

/** How much the program says: nothing below the level. */
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
const logLevels: readonly LogLevel[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/** One thing that can be set: by flag, by variable, or by name in the config file. */
export interface Setting {
  readonly name: string
  readonly flag?: string
  readonly variable: string
  readonly kind: 'value' | 'switch'
  readonly help?: string
  /** Set and empty, it is a mistake: a server that should have it would start without it. */
  readonly isNeverEmpty?: boolean
  /** Checks a value; throws a sentence that has `name`, the value and what was wanted. */
  readonly read: (value: unknown, name: string) => unknown
}

export const settings: readonly Setting[] = [
  {
    name: 'port',
    flag: 'port',
    variable: 'PRESENCE_PORT',
    kind: 'value',
    help: 'port to listen on (4400; 0 for any free one)',
    read: wholeNumber(0, 65_535),
  },
  {
    name: 'host',
    flag: 'host',
    variable: 'PRESENCE_HOST',
    kind: 'value',
    help: 'address to listen on (127.0.0.1)',
    read: text('a name or an address such as 127.0.0.1'),
  },
  {
    name: 'db',
    flag: 'db',
    variable: 'PRESENCE_DB',
    kind: 'value',
    help: 'SQLite file (presence.db), or :memory:',
    read: text('the path of a SQLite file, or :memory:'),
  },
  {
    name: 'restart',
    flag: 'restart',
    variable: 'PRESENCE_RESTART',
    kind: 'value',
    help: 'fresh: start with nobody; resume: with those whose lease still runs (fresh)',
    read: oneOf(['fresh', 'resume']),
  },
  {
    name: 'open',
    flag: 'open',
    variable: 'PRESENCE_OPEN',
    kind: 'switch',
    help: 'without authentication, let in everyone and not just this machine',
    read: yesOrNo,
  },
  {
    name: 'static',
    flag: 'static',
    variable: 'PRESENCE_STATIC',
    kind: 'value',
    help: 'directory whose files are served to browsers',
    read: directory,
  },
  {
    name: 'graceMs',
    flag: 'grace-ms',
    variable: 'PRESENCE_GRACE_MS',
    kind: 'value',
    help: 'how long a tracked entry waits for its lost client (15000)',
    read: wholeNumber(0, 86_400_000),
  },
  {
    name: 'origins',
    flag: 'origins',
    variable: 'PRESENCE_ORIGINS',
    kind: 'value',
    help: 'origins of pages that are let in beside its own, with commas between',
    read: origins,
  },
  {
    name: 'trustProxy',
    flag: 'trust-proxy',
    variable: 'PRESENCE_TRUST_PROXY',
    kind: 'value',
    help: 'how many proxies stand before it, whose X-Forwarded… is believed (0)',
    read: wholeNumber(0, 10),
  },
  {
    name: 'logLevel',
    flag: 'log-level',
    variable: 'PRESENCE_LOG_LEVEL',
    kind: 'value',
    help: `${logLevels.join(', ')} (info)`,
    read: oneOf(logLevels),
  },
  {
    name: 'logAddresses',
    flag: 'log-addresses',
    variable: 'PRESENCE_LOG_ADDRESSES',
    kind: 'switch',
    help: 'log the addresses of clients, too',
    read: yesOrNo,
  },
  // No flags: other users of a machine can read what a program was started with.
  {
    name: 'jwtSecret',
    variable: 'PRESENCE_JWT_SECRET',
    kind: 'value',
    help: 'let in users whose tokens are signed with it (HS256); at least 32 bytes',
    isNeverEmpty: true,
    read: secret,
  },
  {
    name: 'jwksUrl',
    variable: 'PRESENCE_JWKS_URL',
    kind: 'value',
    help: 'or with a key of this set, such as https://id.example/.well-known/jwks.json',
    isNeverEmpty: true,
    read: jwksUrl,
  },
  {
    name: 'jwtIssuer',
    variable: 'PRESENCE_JWT_ISSUER',
    kind: 'value',
    help: 'who has to have made the tokens (any)',
    read: text('what tokens have as "iss"'),
  },
  {
    name: 'jwtAudience',
    variable: 'PRESENCE_JWT_AUDIENCE',
    kind: 'value',
    help: 'whom the tokens have to be for (any)',
    read: text('what tokens have as "aud"'),
  },
  {
    name: 'adminToken',
    variable: 'PRESENCE_ADMIN_TOKEN',
    kind: 'value',
    help: 'opens /v1 and /admin to whoever has it; at least 32 characters',
    isNeverEmpty: true,
    read: parseAdminToken,
  },
  ...notYet('PRESENCE_REDIS_URL', 'redisUrl', 'does not know Redis yet; it runs on one machine with SQLite'),
]

// Ignored, these would leave a server without the protection or the store that its operator counts on.
function notYet(variable: string, name: string, why: string): readonly Setting[] {
  const read = (_value: unknown, said: string): never => {
    throw new PresenceError('bad-options', `${said} is set, but this version ${why}. Remove it to start.`)
  }
  return [{ name, variable, kind: 'value', read }]
}

function wrong(name: string, value: unknown, wanted: string): PresenceError {
  return new PresenceError(
    'bad-options',
    `${name} is ${inspect(value, { breakLength: Infinity, compact: true })}; wanted: ${wanted}.`,
  )
}

export function wholeNumber(min: number, max: number): Setting['read'] {
  return (value, name) => {
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
    if (Number.isInteger(number) && (number as number) >= min && (number as number) <= max) return number
    throw wrong(name, value, `a whole number from ${min} to ${max}`)
  }
}

function text(wanted: string): Setting['read'] {
  return (value, name) => {
    if (typeof value === 'string' && value.trim() !== '') return value
    throw wrong(name, value, wanted)
  }
}

function oneOf(allowed: readonly string[]): Setting['read'] {
  return (value, name) => {
    if (allowed.includes(value as string)) return value
    throw wrong(name, value, allowed.join(', ').replace(/, ([^,]*)$/, ' or $1'))
  }
}

function yesOrNo(value: unknown, name: string): boolean {
  if (value === true || value === '1' || value === 'true') return true
  if (value === false || value === '0' || value === 'false') return false
  throw wrong(name, value, '1 or 0 (true or false)')
}

function directory(value: unknown, name: string): string {
  if (isDirectory(value)) return value
  throw wrong(name, value, 'a directory that exists')
}

function origins(value: unknown, name: string): readonly string[] {
  const list: unknown = typeof value === 'string' ? value.split(',').map((origin) => origin.trim()) : value
  if (Array.isArray(list) && list.length > 0 && list.every(isOrigin)) return list
  throw wrong(
    name,
    value,
    'origins such as https://app.example, without a path or a slash at the end, with commas between; or *',
  )
}

function secret(value: unknown, name: string): unknown {
  parseSecret(value, name)
  return value
}

// Without the value, which may be a secret in the wrong place.
function jwksUrl(value: unknown, name: string): string {
  if (isJwksUrl(value)) return value
  throw new PresenceError(
    'bad-options',
    `${name} cannot be used; wanted: a URL of https without a user in it, or of http on this machine (localhost).`,
  )
}
