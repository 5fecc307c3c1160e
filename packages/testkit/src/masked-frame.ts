export interface FrameShape {
  /** 1: text, 2: binary, 0: the rest of a message, 8: close, 9: ping. */
  readonly opcode?: number
  /** Whether it is the last frame of its message. */
  readonly isLast?: boolean
  readonly isMasked?: boolean
  /** How its length is written, when it is not the shortest way. */
  readonly lengthBits?: 16 | 64
  /** The three bits that only extensions may set. */
  readonly reserved?: number
  /** How long it says that it is, when that is not true. */
  readonly claimedLength?: number
}

const mask = [0x9c, 0x01, 0xe7, 0x5a] as const

/** A WebSocket frame as a client sends it. */
export function maskedFrame(
  payload: Uint8Array,
  { opcode = 1, isLast = true, isMasked = true, lengthBits, reserved = 0, claimedLength }: FrameShape = {},
): Uint8Array {
  const length = claimedLength ?? payload.length
  const bits = lengthBits ?? (length < 126 ? 7 : length < 65_536 ? 16 : 64)
  const lengthBytes = bits === 7 ? 0 : bits / 8
  const short = bits === 7 ? length : bits === 16 ? 126 : 127
  const head = [
    (isLast ? 0x80 : 0) | (reserved << 4) | opcode,
    (isMasked ? 0x80 : 0) | short,
    ...Array.from({ length: lengthBytes }, (_, at) => Math.floor(length / 256 ** (lengthBytes - 1 - at)) % 256),
    ...(isMasked ? mask : []),
  ]
  const frame = new Uint8Array(head.length + payload.length)
  frame.set(head)
  for (let at = 0; at < payload.length; at++)
    frame[head.length + at] = (payload[at] as number) ^ (isMasked ? (mask[at % 4] as number) : 0)
  return frame
}
