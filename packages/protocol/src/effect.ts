import * as EffectSchema from 'effect/Schema'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { PresenceError } from './errors.ts'
import { roomsOf, type DefinedRooms } from './rooms.ts'

/** An Effect schema, of version 3 or 4, by its shape: the declarations here import nothing of Effect. */
export interface EffectSchemaLike {
  readonly Type: unknown
  readonly Encoded: unknown
  readonly ast: unknown
}

/** The Standard Schemas of schemas of both kinds. */
export type StandardSchemas<R extends Readonly<Record<string, StandardSchemaV1 | EffectSchemaLike>>> = {
  readonly [K in keyof R]: R[K] extends StandardSchemaV1
    ? R[K]
    : R[K] extends EffectSchemaLike
      ? StandardSchemaV1<R[K]['Encoded'], R[K]['Type']>
      : never
}

/**
 * Takes Effect schemas as they are, and Standard Schemas too. Otherwise like the `defineRooms` that knows no Effect: throws
 * `bad-options` for what is no pattern, `bad-schema` for what is no schema.
 */
export function defineRooms<const R extends Readonly<Record<string, StandardSchemaV1 | EffectSchemaLike>>>(
  rooms: R,
): DefinedRooms<StandardSchemas<R>> {
  return roomsOf(rooms, toStandard) as DefinedRooms<StandardSchemas<R>>
}

const converted = new WeakMap<object, StandardSchemaV1>()

/**
 * Makes a Standard Schema of an Effect schema that needs no services. The same one each time. Throws `bad-schema` when the
 * installed Effect is older than 3.13.
 */
export function fromEffect<S extends EffectSchemaLike>(schema: S): StandardSchemaV1<S['Encoded'], S['Type']> {
  let standard = converted.get(schema)
  if (!standard) {
    standard = converter()(schema)
    converted.set(schema, standard)
  }
  return standard
}

/** Converts an Effect schema; anything else stays what it is. */
export function toStandard(schema: unknown): unknown {
  return isEffectSchema(schema) ? fromEffect(schema) : schema
}

function isEffectSchema(schema: unknown): schema is EffectSchemaLike {
  return (
    (typeof schema === 'object' || typeof schema === 'function') &&
    schema !== null &&
    'ast' in schema &&
    !('~standard' in schema)
  )
}

/** `standardSchemaV1` in Effect 3, `toStandardSchemaV1` in 4: whichever is installed is looked up when it is needed. */
function converter(): (schema: unknown) => StandardSchemaV1 {
  const names = EffectSchema as unknown as Record<string, ((schema: unknown) => StandardSchemaV1) | undefined>
  const convert = names['toStandardSchemaV1'] ?? names['standardSchemaV1']
  if (convert) return convert
  throw new PresenceError(
    'bad-schema',
    'The installed "effect" cannot make a Standard Schema: version 3.13 or later, or 4, is needed.',
  )
}
