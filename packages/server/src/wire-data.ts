import { PresenceError } from '@app/protocol'

/**
 * The JSON text of data that came off the wire; throws `bad-data` or `too-large`. It is JSON already, so only its size is
 * in question, and a nesting too deep to write.
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
  if (bytes <= maxBytes) return json
  throw new PresenceError(
    'too-large',
    `The data has ${bytes} bytes of JSON; ${maxBytes} are allowed. Keep only what others need to see.`,
  )
}
