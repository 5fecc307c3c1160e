export interface FrameShape {
  /** 1: text, 2: binary, 0: the rest of a message, 8: close, 9: ping. */
  readonly opcode?: number
  /** Whether it is the last frame of its message. */
  readonly isLast?: boolean
  readonly isMasked?: boolean
  /** How its length is written, when it is not the shortest way. */
  readonly lengthBits?: 16 | 64
}

const mask = [0x9c, 0x01, 0xe7, 0x5a] as const

/** A WebSocket frame as a client sends it. */
export function maskedFrame(
  payload: Uint8Array,
  { opcode = 1, isLast = true, isMasked = true, lengthBits }: FrameShape = {},
): Uint8Array {
  const { length } = payload
  const bits = lengthBits ?? (length < 126 ? 7 : length < 65_536 ? 16 : 64)
  const lengthBytes = bits === 7 ? 0 : bits / 8
  const short = bits === 7 ? length : bits === 16 ? 126 : 127
  return Uint8Array.from([
    (isLast ? 0x80 : 0) | opcode,
    (isMasked ? 0x80 : 0) | short,
    ...Array.from({ length: lengthBytes }, (_, at) => Math.floor(length / 256 ** (lengthBytes - 1 - at)) % 256),
    ...(isMasked ? mask : []),
    ...payload.map((byte, at) => (isMasked ? byte ^ (mask[at % 4] as number) : byte)),
  ])
}
