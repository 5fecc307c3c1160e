import type { KeyObject } from 'node:crypto'
import { PresenceError } from '@app/protocol'
import { createRemoteJWKSet, customFetch, errors, jwtVerify, SignJWT, type JWTVerifyGetKey } from 'jose'

/** What a token says, once its signature was found to be right. */
export type Claims = Readonly<Record<string, unknown>>

/** What a token has to be. */
export interface Expected {
  /** The only ones that are taken, whatever a token says of itself. */
  readonly algorithms: readonly string[]
  readonly issuer: readonly string[] | undefined
  readonly audience: readonly string[] | undefined
  readonly clockToleranceMs: number
}

/** Where the key comes from: bytes that both sides know, a public key, or the address of a set of public keys. */
export type KeySource = Uint8Array | KeyObject | URL

/** Reads a token; throws `token-expired` or `unauthorized`, with nothing in it of the token or the key. */
export type Verify = (token: string) => Promise<Claims>

// A provider that is down is not asked again for each of the clients that wait for it.
const pauseMs = 1_000
const retryAfterMs = 5_000

export function createVerify(source: KeySource, expected: Expected): Verify {
  const key = source instanceof URL ? keysAt(source) : source
  const { algorithms, issuer, audience, clockToleranceMs } = expected
  const options = {
    algorithms: [...algorithms],
    clockTolerance: clockToleranceMs / 1_000,
    ...(issuer && { issuer: [...issuer] }),
    ...(audience && { audience: [...audience] }),
  }
  return async (token) => {
    try {
      return (await jwtVerify(token, key, options)).payload
    } catch (error) {
      throw refusalOf(error)
    }
  }
}

/** Signs with HS256. */
export function sign(claims: Claims, secret: Uint8Array): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(secret)
}

/** The keys of an address, fetched when they are needed and kept for ten minutes. */
function keysAt(url: URL): JWTVerifyGetKey {
  let askedAtMs = -Infinity
  const keys = createRemoteJWKSet(url, {
    [customFetch]: (address, init) => {
      // Both ways, so that a clock that is set back does not make the pause long.
      if (Math.abs(Date.now() - askedAtMs) < pauseMs) return Promise.reject(noKeys())
      askedAtMs = Date.now()
      return fetch(address, init)
    },
  })
  return async (header, token) => {
    try {
      return await keys(header, token)
    } catch (error) {
      throw isOfToken(error) ? error : noKeys(error)
    }
  }
}

/** Whether the keys were there, and none of them is for this token. */
function isOfToken(error: unknown): boolean {
  return (
    error instanceof PresenceError ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  )
}

function noKeys(cause?: unknown): PresenceError {
  return new PresenceError(
    'unauthorized',
    'The server cannot get the keys to check tokens with at the moment. Nothing is wrong with this token; try again later.',
    { canRetry: true, retryAfterMs, cause },
  )
}

// Without a cause: jose's errors hold what the token says.
function refusalOf(error: unknown): PresenceError {
  if (error instanceof PresenceError) return error
  if (error instanceof errors.JWTExpired)
    return new PresenceError('token-expired', 'The token has ended. Connect with a new one.', { canRetry: true })
  if (error instanceof errors.JWTClaimValidationFailed) return unauthorized(sentenceOf(error.claim))
  // For the operator's log: jose's name for what is wrong has nothing in it of the token.
  const reason = error instanceof errors.JOSEError ? error.code : undefined
  return Object.assign(unauthorized('The server does not accept this token. Connect with another one.'), { reason })
}

function sentenceOf(claim: string): string {
  if (claim === 'nbf') return 'The token is not valid yet (its claim "nbf"). Connect with one that is.'
  return `The token's claim "${claim}" is missing or not what this server wants. Connect with another token.`
}

export function unauthorized(sentence: string): PresenceError {
  return new PresenceError('unauthorized', sentence)
}
