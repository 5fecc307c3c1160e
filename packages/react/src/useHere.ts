'use client'
import type { StandardSchemaV1 } from '@app/client'
import { isSameList } from './isSameList.ts'
import { useRoom } from './useRoom.ts'
import { useStore } from './useStore.ts'
import { whoIsHere, type WhoIsHere } from './whoIsHere.ts'

type Selector = (list: never) => unknown
type IsEqual = (a: never, b: never) => boolean

/** A selector, or that with a schema. */
export type How =
  | Selector
  | {
      readonly schema: StandardSchemaV1
      readonly selector?: Selector | undefined
      readonly isEqual?: IsEqual | undefined
    }

/** A part of who is here, or what a selector makes of it: renders only when that is another. */
export function useHere(
  room: string,
  part: 'others' | 'self' | 'users',
  how: How | undefined,
  equal: IsEqual | undefined,
): unknown {
  const { schema, selector, isEqual = isSame } = typeof how === 'object' ? how : { selector: how, isEqual: equal }
  const { client, store } = useRoom(room, schema)
  const select = (here: WhoIsHere) => (selector ? selector(here[part] as never) : here[part])
  return useStore(store, ({ entries }) => select(whoIsHere(entries, client)), isEqual as typeof isSame)
}

function isSame(one: unknown, other: unknown): boolean {
  return Object.is(one, other) || (Array.isArray(one) && Array.isArray(other) && isSameList(one, other))
}
