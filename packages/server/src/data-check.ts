import { PresenceError, type DefinedRooms } from '@app/protocol'
import type { Logger } from './logger.ts'

/** Throws `bad-data` when the data of a put do not belong into its room, `bad-schema` when its schema cannot say. */
export type DataCheck = (key: string, data: unknown) => void

// What a schema says of the data may repeat them, and goes back to their sender.
const problemCharacters = 300

/** Checks by the schemas of `defineRooms`. A schema that cannot be used is told to the operator, once a pattern. */
export function dataCheckOf(rooms: DefinedRooms, logger: Logger): DataCheck {
  const told = new Set<string>()
  return (key, data) => {
    const found = rooms.schemaFor(key)
    if (!found) return
    const read = found.decode(data)
    if (read.ok) return
    const { pattern } = found
    if (read.code === 'bad-schema') {
      if (!told.has(pattern))
        logger.error(
          { pattern, problem: read.problem },
          'A schema of rooms cannot be used. What is put there is refused.',
        )
      told.add(pattern)
      // What it threw is the operator's to know.
      throw new PresenceError('bad-schema', `The server cannot use its schema of "${key}". Its log says why.`, {
        room: key,
      })
    }
    const problem = read.problem.slice(0, problemCharacters)
    throw new PresenceError('bad-data', `The data for "${key}" does not fit the server's schema: ${problem}.`, {
      room: key,
    })
  }
}
