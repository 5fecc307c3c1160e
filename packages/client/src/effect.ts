import type { StandardSchemaV1 } from '@app/protocol'
import { toStandard, type EffectSchemaLike } from '@app/protocol/effect'
import { createClient } from './create-client.ts'
import type { PresenceClient, PresenceClientOptions, PresenceRoom } from './presence.ts'

export { defineRooms, fromEffect, type EffectSchemaLike } from '@app/protocol/effect'

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
  return createClient(options, toStandard)
}
