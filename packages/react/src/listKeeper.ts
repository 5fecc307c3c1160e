import { isSameList } from './isSameList.ts'

const nothing: readonly never[] = []

/**
 * Makes a function that gives the list it gave before when that holds the same items as the new one, so that what did
 * not change renders nothing. It remembers one list for each first item, for as long as that item lives.
 */
export function listKeeper(): <T extends object>(list: readonly T[]) => readonly T[] {
  const lists = new WeakMap<object, readonly object[]>()
  return <T extends object>(list: readonly T[]) => {
    const [first] = list
    if (!first) return nothing
    const before = lists.get(first) as readonly T[] | undefined
    if (before && isSameList(before, list)) return before
    lists.set(first, list)
    return list
  }
}
