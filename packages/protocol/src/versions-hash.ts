/** A room of a connection: its number there, and its version. */
export interface RoomVersion {
  readonly number: number
  readonly version: number
}

/**
 * One number for the versions of all rooms of a connection, whatever their order (S2): both ends count it, and a
 * difference says that something was lost on the way. An unsigned 32-bit integer; 0 for no rooms.
 */
export function hashVersions(rooms: Iterable<RoomVersion>): number {
  let sum = 0
  for (const { number, version } of rooms) sum = (sum + mix(Math.imul(number, 0x9e37_79b1) ^ mix(version))) >>> 0
  return sum
}

// The finisher of MurmurHash3 (public domain): every bit of the input moves every bit of the result.
function mix(value: number): number {
  let bits = value | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
