import type { StandardSchemaV1 } from '@standard-schema/spec'
import { PresenceError, reasonOf } from './errors.ts'

/** What a schema says of a datum. A schema that cannot answer at once, or throws, says `bad-schema`. */
export type Reading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: 'bad-data' | 'bad-schema'; readonly problem: string }

/** Reads data through a schema. Never throws. */
export type Decode = (data: unknown) => Reading

/** Makes a reader of a Standard Schema; throws `bad-schema` for anything else. */
export function decoderOf(schema: unknown): Decode {
  const standard = asStandardSchema(schema)
  return (data) => {
    try {
      const result = standard['~standard'].validate(data)
      if (!isPromise(result))
        return result.issues
          ? { ok: false, code: 'bad-data', problem: describe(result.issues) }
          : { ok: true, value: result.value }
      // The answer comes too late to be of use; its failure must not surface as somebody's unhandled rejection.
      result.then(undefined, () => undefined)
      return { ok: false, code: 'bad-schema', problem: 'it is asynchronous' }
    } catch (error) {
      return { ok: false, code: 'bad-schema', problem: `it threw ${reasonOf(error)}` }
    }
  }
}

function asStandardSchema(schema: unknown): StandardSchemaV1 {
  if (typeof (schema as StandardSchemaV1 | null)?.['~standard']?.validate === 'function')
    return schema as StandardSchemaV1
  throw new PresenceError(
    'bad-schema',
    'A schema must speak Standard Schema, as Zod, Valibot and ArkType do. Import createPresenceClient, defineRooms or fromEffect for Effect from "@app/client/effect"; on a server, "@app/server/effect".',
  )
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | null)?.then === 'function'
}

function describe(issues: readonly StandardSchemaV1.Issue[]): string {
  return issues
    .slice(0, 3)
    .map(({ message, path = [] }) => {
      const where = path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.')
      return where === '' ? message : `${where}: ${message}`
    })
    .join('; ')
    .replace(/\.$/, '')
}
