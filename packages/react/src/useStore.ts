'use client'
import * as React from 'react'

// React 17 has no such hook. It is looked up in a copy, since bundlers complain of an import that is not there.
const { useSyncExternalStore = useWatched } = { ...React } as Partial<typeof React>

/** Something outside of React that can be read and watched. */
export interface Store<T> {
  /** Calls `listener` after each change; returns how to stop. */
  readonly subscribe: (listener: () => void) => () => void
  /** The present value: the same one until a change was told, and without asking a clock. */
  readonly getSnapshot: () => T
  /** What the server renders, and the browser too until it has hydrated. */
  readonly getServerSnapshot: () => T
}

/** What a store holds. Keep `store` the same while nothing else is meant: another one is subscribed to anew. */
export function useStore<T>(store: Store<T>): T
/**
 * What `select` makes of a store; renders only when that is another one by `isEqual`. Both may be inline functions.
 */
export function useStore<T, S>(store: Store<T>, select: (value: T) => S, isEqual?: (a: S, b: S) => boolean): S
export function useStore<T>(
  { subscribe, getSnapshot, getServerSnapshot }: Store<T>,
  select: (value: T) => unknown = identity,
  isEqual: (a: unknown, b: unknown) => boolean = Object.is,
): unknown {
  const [selectOnce] = React.useState(selection<T>)
  return useSyncExternalStore(
    subscribe,
    () => selectOnce(getSnapshot(), select, isEqual),
    () => selectOnce(getServerSnapshot(), select, isEqual),
  )
}

function identity<T>(value: T): T {
  return value
}

/** Selects once from each value, and gives what it gave before as long as that is the same. */
function selection<T>() {
  let last: { readonly value: T; readonly select: unknown; readonly selected: unknown } | undefined
  return (value: T, select: (value: T) => unknown, isEqual: (a: unknown, b: unknown) => boolean): unknown => {
    if (!last || last.value !== value || last.select !== select) {
      const selected = select(value)
      last = { value, select, selected: last && isEqual(last.selected, selected) ? last.selected : selected }
    }
    return last.selected
  }
}

/** The same for React 17, whose rendering nothing interrupts. */
function useWatched<T>(subscribe: Store<T>['subscribe'], getSnapshot: () => T): T {
  const [, render] = React.useState({})
  const value = getSnapshot()
  const look = React.useRef(() => {})
  React.useEffect(() => {
    look.current = () => {
      if (!Object.is(value, getSnapshot())) render({})
    }
    // It may have changed before there was anyone to hear of it.
    look.current()
  })
  React.useEffect(() => subscribe(() => look.current()), [subscribe])
  return value
}
