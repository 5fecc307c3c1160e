import { PresenceError } from '@app/protocol'

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
  const bytes = Buffer.byteLength(json)
  if (bytes > maxBytes) {
    throw new PresenceError(
      'too-large',
      `The data has ${bytes} bytes of JSON; ${maxBytes} are allowed. Keep only what others need to see.`,
    )
  }
  // A Buffer is written like this; data of the same text that are no Buffer are fine.
  if (json.includes('{"type":"Buffer","data":[') && hasBuffer(data))
    throw new PresenceError('bad-data', 'The data is binary, or holds something that is. Presence carries JSON only.')
  return json
}

function hasBuffer(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false
  return Buffer.isBuffer(data) || Object.values(data).some(hasBuffer)
}
