import type { StandardSchemaV1 } from '@standard-schema/spec'
import { PresenceError } from './errors.ts'
import { baseKey } from './room-key.ts'
import { parseRoomPattern, type RoomPattern } from './room-pattern.ts'
import { decoderOf, type Decode } from './schema.ts'

/** The schema of some rooms. */
export interface RoomSchema {
  /** Which rooms, as it was written: `pr:room-*`. */
  readonly pattern: string
  readonly schema: StandardSchemaV1
  /** Reads data through the schema. */
  readonly decode: Decode
}

/** What `defineRooms` makes: which data belong into which rooms, for the server and for its clients. */
export interface DefinedRooms<
  R extends Readonly<Record<string, StandardSchemaV1>> = Readonly<Record<string, StandardSchemaV1>>,
> {
  /** The schemas by their patterns. */
  readonly schemas: R
  /**
   * The schema of a room: of all patterns that mean its key the most precise one, which has no star, else the most
   * letters, else no `**`. Undefined when none does, and for derived keys: what is kept there has another shape.
   */
  schemaFor(key: string): RoomSchema | undefined
}

interface Definition extends RoomSchema {
  readonly means: RoomPattern
}

// A client that asks for ever new keys does not make the memory of answers grow.
const rememberedMax = 1_000

/**
 * Says which data belong into which rooms, by patterns such as `pr:board`, `pr:room-*` or `pr:team/**`. Throws
 * `bad-options` for what is no pattern, `bad-schema` for what is no Standard Schema.
 */
export function defineRooms<const R extends Readonly<Record<string, StandardSchemaV1>>>(rooms: R): DefinedRooms<R> {
  return roomsOf(rooms, (schema) => schema) as DefinedRooms<R>
}

/** Does it for schemas that are made standard first. */
export function roomsOf(
  rooms: Readonly<Record<string, unknown>>,
  toStandard: (schema: unknown) => unknown,
): DefinedRooms {
  if (typeof rooms !== 'object' || rooms === null || Array.isArray(rooms))
    throw new PresenceError('bad-options', 'defineRooms takes schemas by patterns: defineRooms({ "pr:board": Board }).')
  const defined = Object.entries(rooms).map(([pattern, schema]) => define(pattern, schema, toStandard))
  const definitions = [...defined].sort(byPrecision)
  const known = new Map<string, RoomSchema | null>()
  return {
    schemas: Object.fromEntries(defined.map(({ pattern, schema }) => [pattern, schema])),
    schemaFor: (key) => {
      let found = known.get(key)
      if (found === undefined) {
        found = (key === baseKey(key) && definitions.find(({ means }) => means.matches(key))) || null
        if (known.size >= rememberedMax) known.clear()
        known.set(key, found)
      }
      return found ?? undefined
    },
  }
}

function define(pattern: string, given: unknown, toStandard: (schema: unknown) => unknown): Definition {
  if (pattern.includes('{userId}'))
    throw new PresenceError('bad-options', `"${pattern}" names {userId}, but a schema is for everyone. Use a star.`)
  const means = parseRoomPattern(pattern)
  if (pattern !== baseKey(pattern)) {
    throw new PresenceError(
      'bad-options',
      `"${pattern}" means no room: keys that end in /cursors or /typing are derived, and their data are not checked.`,
    )
  }
  try {
    const schema = toStandard(given)
    return { pattern, schema: schema as StandardSchemaV1, decode: decoderOf(schema), means }
  } catch (error) {
    if (!(error instanceof PresenceError)) throw error
    throw new PresenceError(error.code, `defineRooms, "${pattern}": ${error.message}`)
  }
}

/** The more precise one first. What `*` and `**` stand for counts nothing. */
function byPrecision(one: RoomSchema, other: RoomSchema): number {
  const [a, b] = [one.pattern, other.pattern]
  const letters = (pattern: string): number => pattern.replaceAll('*', '').length
  return (
    Number(a.includes('*')) - Number(b.includes('*')) ||
    letters(b) - letters(a) ||
    Number(a.includes('**')) - Number(b.includes('**'))
  )
}
