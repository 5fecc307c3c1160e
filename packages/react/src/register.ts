import type { DefinedRooms, StandardSchemaV1 } from '@app/client'

/**
 * What your application has told about its rooms, once for all hooks and components:
 *
 * ```ts
 * export const rooms = defineRooms({ 'pr:board': Board, 'pr:room-*': Status })
 * declare module '@app/react' {
 *   interface Register {
 *     rooms: typeof rooms
 *   }
 * }
 * ```
 *
 * From then on a key that fits none of the patterns does not compile, nor do data of another type, and
 * `<PresenceProvider rooms={rooms}>` checks them while the application runs. Without it, data are `unknown`.
 */
// Empty, so that whoever imports this can fill it.
export interface Register {}

type Schemas = Readonly<Record<string, StandardSchemaV1>>

/** The registered schemas by their patterns; never while there are none. */
type Registered = Register extends { readonly rooms: DefinedRooms<infer R extends Schemas> } ? R : never

type Pattern = keyof Registered & string

/** The keys that a pattern means, as far as types can say it: `pr:room-*` is `pr:room-${string}`. */
type KeyOf<P extends string> = P extends `${infer Before}*${infer After}`
  ? `${Before}${string}${KeyOf<Unstarred<After>>}`
  : P
type Unstarred<Rest extends string> = Rest extends `*${infer After}` ? After : Rest

/** The key of a room: any text, or, where rooms are registered, one that fits a pattern. */
export type RoomKey = [Registered] extends [never] ? string : KeyOf<Pattern>

/** The key of a room of which only the call says what it holds: none where rooms are registered. */
export type UnregisteredKey = [Registered] extends [never] ? string : never

/** A star means what is within a segment. */
type Slashes<Text extends string> = Text extends `${string}/${infer Rest}` ? `/${Slashes<Rest>}` : ''
type Means<P extends string, K extends string> =
  K extends KeyOf<P> ? (P extends `${string}**${string}` ? true : Slashes<K> extends Slashes<P> ? true : false) : false

/** The patterns that mean a key. */
type Candidate<K extends string, P extends string = Pattern> = P extends string
  ? Means<P, K> extends true
    ? P
    : never
  : never

/** Whether another pattern says more: it means less, or as much without two stars together. */
type IsOutdone<P extends string, All extends string> = true extends (
  All extends P
    ? false
    : KeyOf<All> extends KeyOf<P>
      ? KeyOf<P> extends KeyOf<All>
        ? P extends `${string}**${string}`
          ? true
          : false
        : true
      : false
)
  ? true
  : false

/** Of all patterns that mean a key the most precise one, as `schemaFor` finds it. */
type Best<All extends string, P extends string = All> = P extends string
  ? IsOutdone<P, All> extends true
    ? never
    : P
  : never

type SchemaOf<K extends string> = [Registered] extends [never]
  ? never
  : Registered[Best<Candidate<K>> & keyof Registered]

/** What is put into a room of this key: `unknown` where none are registered. */
export type RoomInput<K extends string> = [SchemaOf<K>] extends [never]
  ? unknown
  : StandardSchemaV1.InferInput<SchemaOf<K>>

/** What `update(fn)` computes from where I may have no entry yet. */
export type RoomInputSoFar<K extends string> = [SchemaOf<K>] extends [never]
  ? unknown
  : // Here, where nothing is registered, it is never.
    // oxlint-disable-next-line typescript/no-redundant-type-constituents
    StandardSchemaV1.InferInput<SchemaOf<K>> | undefined

/** What is read from a room of this key: `unknown` where none are registered. */
export type RoomOutput<K extends string> = [SchemaOf<K>] extends [never]
  ? unknown
  : StandardSchemaV1.InferOutput<SchemaOf<K>>

/** What the provider is given: the registered rooms, which then also check data while the application runs. */
export type RoomsProp = Register extends { readonly rooms: infer R }
  ? { readonly rooms: R }
  : {
      /** The schemas of rooms (`defineRooms`), for hooks that are given none. */
      readonly rooms?: DefinedRooms | undefined
    }
