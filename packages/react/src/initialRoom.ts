import type { PresenceEntries, PresenceEntry, StandardSchemaV1 } from '@app/client'
import type { RoomSnapshot } from './roomStore.ts'

/** Who the server said is in a room, before this page has heard of it: as a hook reads it. */
export function initialRoom<Out>(
  entries: readonly PresenceEntry[],
  schema: StandardSchemaV1 | undefined,
): RoomSnapshot<Out> {
  const everyone = byClientId(entries)
  const read = schema ? byClientId(entries.flatMap((entry) => readBy(schema, entry))) : everyone
  return { entries: read as PresenceEntries<Out>, everyone, status: 'loading' }
}

/** Once the page has an entry of its own, that is there, too. */
export function withOwn<Out>(initial: PresenceEntries<Out>, own: PresenceEntries<Out>): PresenceEntries<Out> {
  return own.size === 0 ? initial : new Map([...initial, ...own])
}

function byClientId(entries: readonly PresenceEntry[]): PresenceEntries {
  return new Map(entries.map((entry) => [entry.clientId, entry]))
}

/** What a schema rejects is left out, and is told when the client has it (P9). */
function readBy(schema: StandardSchemaV1, entry: PresenceEntry): readonly PresenceEntry[] {
  try {
    const result = schema['~standard'].validate(entry.data)
    return result instanceof Promise || result.issues ? [] : [{ ...entry, data: result.value }]
  } catch {
    // The client's handle says `bad-schema` when it reads the room.
    return []
  }
}
