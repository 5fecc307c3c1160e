import { PresenceError } from '@app/protocol'

// As many as the hash of HS256 has; a shorter one can be found from a single token (RFC 7518, 3.2).
const bytesMin = 32

/** The bytes of a secret; throws `bad-options` with `name` and what was wanted, and never with the secret. */
export function parseSecret(value: unknown, name: string): Uint8Array {
  const bytes = new TextEncoder().encode(typeof value === 'string' ? value : '')
  if (value === undefined) throw new PresenceError('bad-options', `${name} is missing: undefined. Is its variable set?`)
  if (bytes.length < bytesMin) {
    throw new PresenceError(
      'bad-options',
      `${name} is too short or no string; wanted: a secret of at least ${bytesMin} bytes, such as "openssl rand -base64 48" prints.`,
    )
  }
  // Everyone has the public key, and could then sign.
  if (/^\s*-----BEGIN [A-Z ]+-----/.test(value as string))
    throw new PresenceError('bad-options', `${name} is a key in PEM; wanted: a secret that nobody else knows.`)
  return bytes
}

// What `openssl rand -base64 24` prints; more than anyone guesses over a network.
const adminTokenCharactersMin = 32

/** The token of the operator, as it is sent in a header; throws `bad-options` with `name` and never with the token. */
export function parseAdminToken(value: unknown, name: string): string {
  if (typeof value === 'string' && value.length >= adminTokenCharactersMin && /^[!-~]+$/.test(value)) return value
  throw new PresenceError(
    'bad-options',
    `${name} cannot be used; wanted: at least ${adminTokenCharactersMin} visible ASCII characters without a space, such as "openssl rand -base64 33" prints.`,
  )
}
