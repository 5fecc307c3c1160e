import * as EffectSchema from 'effect/Schema'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { PresenceError } from '@app/protocol'
import { createClient } from './create-client.ts'
import type { PresenceClient, PresenceClientOptions, PresenceRoom } from './presence.ts'

/** An Effect schema, of version 3 or 4, by its shape: the declarations here import nothing of Effect. */
export interface EffectSchemaLike {
  readonly Type: unknown
  readonly Encoded: unknown
  readonly ast: unknown
}

/** A client whose `presence` takes Effect schemas as they are, and Standard Schemas too. */
export type EffectPresenceClient = Omit<PresenceClient, 'presence'> & {
  presence(key: string): PresenceRoom<unknown>
  presence<S extends EffectSchemaLike>(key: string, schema: S): PresenceRoom<S['Encoded'], S['Type']>
  presence<S extends StandardSchemaV1>(
    key: string,
    schema: S,
  ): PresenceRoom<StandardSchemaV1.InferInput<S>, StandardSchemaV1.InferOutput<S>>
}

/** Makes a client that takes Effect schemas as they are. Otherwise like `createPresenceClient` of `@app/client`. */
export function createPresenceClient(options: PresenceClientOptions = {}): EffectPresenceClient {
  return createClient(options, (schema) => (isEffectSchema(schema) ? fromEffect(schema) : schema))
}

const converted = new WeakMap<object, StandardSchemaV1>()

/** Makes a Standard Schema of an Effect schema that needs no services. The same one each time. */
export function fromEffect<S extends EffectSchemaLike>(schema: S): StandardSchemaV1<S['Encoded'], S['Type']> {
  let standard = converted.get(schema)
  if (!standard) {
    standard = converter()(schema)
    converted.set(schema, standard)
  }
  return standard
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
