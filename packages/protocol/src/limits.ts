/** The version of the protocol that this package speaks; PROTOCOL.md describes it. */
export const protocolVersion = 1

/** The default limits, from the first day. */
export const defaultLimits = {
  /** UTF-8 bytes of JSON one entry may hold. */
  dataBytes: 4_096,
  /** Bytes of a room key, `pr:` included. A key is ASCII, so its length is its size. */
  keyBytes: 256,
  /** Clients that may have an entry in one room. */
  roomClients: 1_000,
} as const

/** UTF-8 bytes of JSON a `PresenceUser` may hold. */
export const userBytesMax = 1_024

/** A lease a caller may ask for, in milliseconds; below a second, jitter alone would end it. */
export const ttlMinMs = 1_000
/** One day: presence that outlives it is data. */
export const ttlMaxMs = 86_400_000

/** The lease of a tracked entry unless the caller names another. */
export const heldTtlDefaultMs = 30_000
/** Two pings fit in the shortest held lease, so that one late pong loses nobody. */
export const heldTtlMinDefaultMs = 20_000

/** The shortest time between two flushes of a busy room, and between two puts of one client to it: 30 a second. */
export const flushDefaultMs = 33
