import { createPublicKey, type KeyObject } from 'node:crypto'
import { PresenceError } from '@app/protocol'
import { isLoopbackHost } from './admission.ts'
import type { Authenticate } from './authenticate.ts'
import { identityOf } from './claims.ts'
import { issueToken, type IssuedToken, type TokenGrant } from './create-token.ts'
import { createVerify, unauthorized, type KeySource } from './jose.ts'
import { parseRooms } from './parse-rooms.ts'
import type { Rooms } from './permissions.ts'
import { parseSecret } from './secret.ts'

/** How tokens are checked. Exactly one of `secret`, `jwks` and `publicKey` is given. */
export interface JwtOptions {
  /** Signs and checks (HS256): at least 32 bytes, known to your back end and this server and nobody else. */
  readonly secret?: string | undefined
  /** The address of your provider's public keys, such as `https://id.example/.well-known/jwks.json`. */
  readonly jwks?: string | undefined
  /** A public key as PEM, a text or the bytes of a file: RSA of at least 2 048 bits, P-256, P-384, P-521 or Ed25519. */
  readonly publicKey?: string | Buffer | undefined
  /** Who has to have made the token (`iss`). Default: not looked at. */
  readonly issuer?: string | readonly string[] | undefined
  /** Whom the token has to be for (`aud`): one of these. Default: not looked at. */
  readonly audience?: string | readonly string[] | undefined
  /** Fewer algorithms than the key is good for, such as `['RS256']`. Default: all of them. */
  readonly algorithms?: readonly string[] | undefined
  /** How far apart the clocks may be, in milliseconds: so much longer is a token taken. Default: 5 000. */
  readonly clockToleranceMs?: number | undefined
  /** The rooms of a token without the claim `rooms`. Default: `['pr:**']`, all rooms of its tenant. */
  readonly rooms?: Rooms | undefined
}

const rsaPss = ['PS256', 'PS384', 'PS512']
const rsa = ['RS256', 'RS384', 'RS512', ...rsaPss]
const edwards = ['EdDSA', 'Ed25519']
const byCurve = new Map([
  ['prime256v1', ['ES256']],
  ['secp384r1', ['ES384']],
  ['secp521r1', ['ES512']],
])

/** Every option and nothing else, so that a misspelt one is found. */
const names = ['secret', 'jwks', 'publicKey', 'issuer', 'audience', 'algorithms', 'clockToleranceMs', 'rooms']

/**
 * Authentication by tokens (JWT): `createPresenceServer({ auth: jwt({ secret }) })`. The claim `sub` is the user's id, and
 * `user`, or else `name` and `picture`, the rest of it; `rooms` are the rooms (a list of patterns, or `{ read, write }`),
 * `tenant` is whose they are, and `exp` when the connection ends. A token without `exp` does not end.
 *
 * Throws `bad-options`. Clients are refused with `token-expired`, or with `unauthorized`, which they can retry only while
 * the keys at `jwks` cannot be fetched.
 */
export function jwt(options: JwtOptions): Authenticate {
  checkObject(options)
  const { clockToleranceMs = 5_000, rooms = ['pr:**'] } = options
  const { source, fitting } = checkKey(options)
  const issuer = checkNames('issuer', options.issuer)
  const audience = checkNames('audience', options.audience)
  const verify = createVerify(source, {
    algorithms: checkAlgorithms(options.algorithms, fitting),
    issuer,
    audience,
    clockToleranceMs: checkTolerance(clockToleranceMs),
  })
  parseRooms(rooms, 'rooms')
  const authenticate: Authenticate = async ({ token }) => {
    if (token === undefined || token === '')
      throw unauthorized('The server wants a token. Connect with one: createPresenceClient({ token }).')
    return identityOf(await verify(token), rooms, clockToleranceMs)
  }
  if (source instanceof Uint8Array) {
    const claims = { ...(issuer && { iss: issuer[0] as string }), ...(audience && { aud: audience[0] as string }) }
    issuers.set(authenticate, (grant) => issueToken(grant, source, claims))
  }
  return authenticate
}

/** Makes a token that the server itself accepts. */
export type Issue = (grant: TokenGrant) => Promise<IssuedToken>

// Of those functions that know the secret, which stays in here.
const issuers = new WeakMap<Authenticate, Issue>()

/** What makes tokens for an `auth` of `jwt({ secret })`; undefined for any other, which only reads them. */
export function issuerFor(auth: Authenticate | undefined): Issue | undefined {
  return auth && issuers.get(auth)
}

/** Whether it is the address of a set of keys that nobody on the way can exchange. */
export function isJwksUrl(value: unknown): value is string {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, hostname, username, password } = new URL(value)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname))
}

function checkObject(options: JwtOptions): void {
  if (typeof options !== 'object' || options === null) throw bad('jwt takes its options: jwt({ secret }).')
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown !== undefined) throw bad(`jwt has no option "${unknown}".`)
}

/** The key, and the algorithms that it is good for. No sentence has anything of the value: it may be a secret. */
function checkKey({ secret, jwks, publicKey }: JwtOptions): { source: KeySource; fitting: readonly string[] } {
  if ([secret, jwks, publicKey].filter((value) => value !== undefined).length !== 1)
    throw bad('jwt takes exactly one of secret, jwks and publicKey.')
  if (secret !== undefined) return { source: parseSecret(secret, 'secret'), fitting: ['HS256'] }
  if (publicKey !== undefined) return checkPublicKey(publicKey)
  if (!isJwksUrl(jwks))
    throw bad('jwks is no URL of https without a user in it, nor one of http on this machine (localhost).')
  return { source: new URL(jwks), fitting: [...rsa, ...[...byCurve.values()].flat(), ...edwards] }
}

function checkPublicKey(pem: unknown): { source: KeyObject; fitting: readonly string[] } {
  const source = typeof pem === 'string' || Buffer.isBuffer(pem) ? publicKeyOf(String(pem)) : undefined
  if (!source) throw bad('publicKey is no public key as PEM, which begins with -----BEGIN PUBLIC KEY-----.')
  const fitting = algorithmsOf(source)
  if (fitting.length > 0) return { source, fitting }
  throw bad(
    'publicKey is of a kind that is not taken; wanted: RSA of at least 2048 bits, P-256, P-384, P-521 or Ed25519.',
  )
}

function publicKeyOf(pem: string): KeyObject | undefined {
  // Node makes a public key of a private one. But whoever has that can sign, and a server that only checks should not.
  if (pem.includes('PRIVATE KEY-----'))
    throw bad('publicKey is a private key. Keep that where tokens are signed, and give this server the public one.')
  try {
    return createPublicKey(pem)
  } catch {
    return undefined
  }
}

function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly string[] {
  const { modulusLength = 0, namedCurve = '' } = asymmetricKeyDetails ?? {}
  if (asymmetricKeyType === 'rsa') return modulusLength >= 2_048 ? rsa : []
  if (asymmetricKeyType === 'ec') return byCurve.get(namedCurve) ?? []
  return asymmetricKeyType === 'ed25519' ? edwards : []
}

function checkAlgorithms(algorithms: unknown, fitting: readonly string[]): readonly string[] {
  if (algorithms === undefined) return fitting
  if (
    Array.isArray(algorithms) &&
    algorithms.length > 0 &&
    algorithms.every((name) => fitting.includes(name as string))
  )
    return algorithms as readonly string[]
  throw bad(`algorithms is not what fits the key; wanted: a list of some of ${fitting.join(', ')}.`)
}

function checkNames(option: string, value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length > 0 && list.every((name) => typeof name === 'string' && name !== '')) return list as readonly string[]
  throw bad(`${option} is neither a string that is not empty nor a list of them.`)
}

function checkTolerance(value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 300_000) return value as number
  throw bad('clockToleranceMs is no whole number from 0 to 300000.')
}

function bad(sentence: string): PresenceError {
  return new PresenceError('bad-options', sentence)
}
