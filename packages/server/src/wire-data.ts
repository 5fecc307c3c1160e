import { PresenceError } from '@app/protocol'

// So many bytes has a unit of a string at most: what is short enough by this need not be counted.
const utf8PerUnitMax = 3

/**
 * The JSON text of data that came off the wire; throws `bad-data` or `too-large`. It is JSON already, so only its size is
 * in question, a nesting too deep to write, and the bytes that Socket.IO carries beside the JSON.
 */
export function wireJson(data: unknown, maxBytes: number): string {
  let json: string | undefined
  try {
    json = JSON.stringify(data)
  } catch (error) {
    throw new PresenceError('bad-data', 'The data cannot be written as JSON.', { cause: error })
  }
  if (json === undefined) throw new PresenceError('bad-data', 'The data is missing. Use null to say "nothing".')
  if (json.length * utf8PerUnitMax > maxBytes) refuseTooLarge(Buffer.byteLength(json), maxBytes)
  // A Buffer is written like this; data of the same text that are no Buffer are fine.
  if (json.includes('{"type":"Buffer","data":[') && hasBuffer(data))
    throw new PresenceError('bad-data', 'The data is binary, or holds something that is. Presence carries JSON only.')
  return json
}

function refuseTooLarge(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return
  throw new PresenceError(
    'too-large',
    `The data has ${bytes} bytes of JSON; ${maxBytes} are allowed. Keep only what others need to see.`,
  )
}

function hasBuffer(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false
  return Buffer.isBuffer(data) || Object.values(data).some(hasBuffer)
}
