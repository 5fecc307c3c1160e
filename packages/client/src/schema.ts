import { PresenceError, type Decode } from '@app/protocol'

/** Throws `bad-data` when the schema does not accept what is to be put, `bad-schema` when it cannot say. */
export function check(decode: Decode, data: unknown, room: string): void {
  const read = decode(data)
  if (read.ok) return
  const sentence =
    read.code === 'bad-data'
      ? `The data for "${room}" does not fit the schema: ${read.problem}.`
      : `The schema of "${room}" cannot be used: ${read.problem}.`
  throw new PresenceError(read.code, sentence, { room })
}
