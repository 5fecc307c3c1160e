'use client'
import { useMemo } from 'react'
import type { PresenceEntries, PresenceEntry, RoomStatus, StandardSchemaV1 } from '@app/client'
import type { OnlineUser } from './onlineUsers.ts'
import type { Update } from './OwnEntry.ts'
import type { RoomInput, RoomInputSoFar, RoomKey, RoomOutput, UnregisteredKey } from './register.ts'
import { useOwnEntry } from './useOwnEntry.ts'
import { useRoom } from './useRoom.ts'
import { useStore } from './useStore.ts'
import { whoIsHere } from './whoIsHere.ts'

/** What `usePresence` may be told. `Status` is what the data allow as their `status`. */
export interface PresenceOptions<In = unknown, Status = StatusOf<In, string>> {
  /**
   * My data: with it I am here for as long as the component is, without it I only watch until `update` is called. It
   * is compared by its JSON text, so an inline object costs nothing.
   */
  readonly data?: In | undefined
  /** How long my entry outlives the last proof that I am here, in ms: 1 000 to 86 400 000. Default: 30 000. */
  readonly ttlMs?: number | undefined
  /**
   * Is put into my data as its `status`, whatever `data` and `update` say: `status: useIdle()` tells whether I am active. Data
   * that are no object are left alone. A schema has to have it, or nobody reads it:
   * `status: z.enum(['active', 'idle', 'away']).optional()`.
   */
  readonly status?: Status | undefined
  /** `false`: enter no room and do nothing, as if the component were not there. Default: true. */
  readonly enabled?: boolean | undefined
}

/** What data allow as their `status`; `Else` where they have none. A schema that has none would drop it: then never. */
type StatusOf<In, Else = never> = unknown extends In
  ? string
  : In extends { readonly status?: infer S }
    ? 'status' extends keyof In
      ? S & string
      : Else
    : string extends keyof In
      ? string
      : Else

/** A room and my place in it. `Current` is what `update` computes from. */
export interface RoomPresence<Out = unknown, In = Out, Current = In> {
  /** Everyone here, mine included, by `joinedAtMs`, then `clientId`. */
  readonly online: readonly PresenceEntry<Out>[]
  /** The same by `clientId`. */
  readonly entries: PresenceEntries<Out>
  /** My entry; null while I have none. */
  readonly self: PresenceEntry<Out> | null
  readonly others: readonly PresenceEntry<Out>[]
  /** The entries grouped by user, me included. */
  readonly users: readonly OnlineUser<Out>[]
  /** How many users are here, me included, and those whose data the schema rejects. */
  readonly count: number
  readonly status: RoomStatus
  /** Replaces my data, or computes it from my present data. Throws `bad-data`, `too-large`. Always the same function. */
  readonly update: Update<In, Current>
  /** Puts my entry for `ttlMs`, however long I stay. Throws `bad-ttl`, `bad-data`, `too-large`. Always the same function. */
  readonly heartbeat: (data: In, ttlMs: number) => void
  /** Takes my entry away, until `update` is called or `data` changes. Always the same function. */
  readonly leave: () => void
}

/** What is put through a schema. */
type InputOf<S extends StandardSchemaV1> = StandardSchemaV1.InferInput<S>
/** What is read through a schema. */
type OutputOf<S extends StandardSchemaV1> = StandardSchemaV1.InferOutput<S>

/**
 * Who is in a room, and my place among them:
 * `const { users, count } = usePresence('pr:room-123', { data: { status: 'online' } })`.
 *
 * Where rooms are registered (`Register`), everything is typed by the key. With `schema` (Zod, Valibot, ArkType; made outside of the component) everything is typed and checked. Without one, data is
 * `unknown`, or what you say it is: `usePresence<Cursor>(room)`. Throws PresenceError during render for a bad room key
 * or schema, and in an effect for bad `data` or `ttlMs`: an error boundary gets both.
 */
export function usePresence<S extends StandardSchemaV1>(
  room: string,
  options: PresenceOptions<InputOf<S>, StatusOf<InputOf<S>>> & { readonly schema: S; readonly data: InputOf<S> },
): RoomPresence<OutputOf<S>, InputOf<S>>
export function usePresence<S extends StandardSchemaV1>(
  room: string,
  options: PresenceOptions<InputOf<S>, StatusOf<InputOf<S>>> & { readonly schema: S },
): RoomPresence<OutputOf<S>, InputOf<S>, InputOf<S> | undefined>
export function usePresence<T = unknown>(
  room: UnregisteredKey,
  options?: PresenceOptions<NoInfer<T>> & { readonly schema?: undefined },
): RoomPresence<T, T, T | undefined>
export function usePresence<K extends RoomKey>(
  room: K,
  options: PresenceOptions<RoomInput<K>, StatusOf<RoomInput<K>>> & {
    readonly data: RoomInput<K>
    readonly schema?: undefined
  },
): RoomPresence<RoomOutput<K>, RoomInput<K>>
export function usePresence<K extends RoomKey>(
  room: K,
  options?: PresenceOptions<RoomInput<K>, StatusOf<RoomInput<K>>> & { readonly schema?: undefined },
): RoomPresence<RoomOutput<K>, RoomInput<K>, RoomInputSoFar<K>>
export function usePresence(
  room: string,
  {
    data,
    ttlMs,
    status: mine,
    schema,
    enabled = true,
  }: PresenceOptions & { readonly schema?: StandardSchemaV1 | undefined } = {},
): RoomPresence {
  const used = useRoom(room, schema, enabled)
  const { entries, everyone, status } = useStore(used.store)
  const { update, heartbeat, leave } = useOwnEntry(used, data, ttlMs, mine)
  const { client } = used
  const here = whoIsHere(entries, client)
  const count = entries === everyone ? here.users.length : whoIsHere(everyone, client).users.length
  return useMemo(
    () => ({ ...here, entries, count, status, update, heartbeat, leave }),
    [here, entries, count, status, update, heartbeat, leave],
  )
}
