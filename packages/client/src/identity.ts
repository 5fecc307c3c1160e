/** Who a client is to the server: a number that everyone sees, and a secret that nobody else has. */
export interface Identity {
  readonly clientId: number
  /** 128 random bits in hex. Kept in memory only, so that a duplicated tab is another client. */
  readonly secret: string
}

/** A new identity. `getRandomValues` is there on plain http too, where `randomUUID` is not. */
export function newIdentity(): Identity {
  const words = crypto.getRandomValues(new Uint32Array(6))
  const [high = 0, low = 0, ...rest] = words
  // 21 and 32 bits: an integer from 1 to 2^53 − 1.
  const clientId = (high & 0x1f_ffff) * 2 ** 32 + low || 1
  return { clientId, secret: rest.map((word) => word.toString(16).padStart(8, '0')).join('') }
}
