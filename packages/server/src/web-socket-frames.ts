import { isUtf8 } from 'node:buffer'

/*
 * The two kinds of WebSocket frames (RFC 6455, section 5.2) that presence is made of: whole texts, without extensions.
 */

const wholeText = 0x81
const maskBit = 0x80
const lengthOf16Bits = 126
const lengthOf64Bits = 127

/** A text as a server sends it: unmasked. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const headLength = length < lengthOf16Bits ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headLength + length)
  frame[0] = wholeText
  if (headLength === 2) frame[1] = length
  else if (headLength === 4) {
    frame[1] = lengthOf16Bits
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = lengthOf64Bits
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2)
    frame.writeUInt32BE(length >>> 0, 6)
  }
  frame.write(text, headLength)
  return frame
}

// As long as a length of 16 bits can be; what is longer is left to others.
const plain = Buffer.allocUnsafe(65_536)

/**
 * Reads the whole, masked texts of at most 64 kB that a chunk from a client begins with, and gives each to `take`. Stops
 * before the first frame that is anything else, is not all there, or that `take` does not want. Returns how many bytes
 * were taken. The chunk stays as it is.
 */
export function takeTexts(chunk: Uint8Array, take: (text: string) => boolean): number {
  let taken = 0
  while (taken + 6 <= chunk.length && chunk[taken] === wholeText) {
    const second = chunk[taken + 1] as number
    let length = second & ~maskBit
    let maskAt = taken + 2
    if (second < maskBit || length === lengthOf64Bits) break
    if (length === lengthOf16Bits) {
      length = ((chunk[taken + 2] as number) << 8) | (chunk[taken + 3] as number)
      maskAt += 2
    }
    const end = maskAt + 4 + length
    if (end > chunk.length) break
    const text = unmask(chunk, maskAt, end)
    if (text === undefined || !take(text)) break
    taken = end
  }
  return taken
}

/** The text after the mask; undefined when it is no UTF-8. */
function unmask(chunk: Uint8Array, maskAt: number, end: number): string | undefined {
  const start = maskAt + 4
  const length = end - start
  let bits = 0
  for (let i = 0; i < length; i++) {
    const byte = (chunk[start + i] as number) ^ (chunk[maskAt + (i & 3)] as number)
    plain[i] = byte
    bits |= byte
  }
  // Nearly always it is ASCII, which is the quickest to make a string of.
  if (bits < 0x80) return plain.toString('latin1', 0, length)
  return isUtf8(plain.subarray(0, length)) ? plain.toString('utf8', 0, length) : undefined
}
