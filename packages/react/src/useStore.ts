'use client'
// Through the shim, because React 17 has no such hook of its own. The only file that knows it.
import { useSyncExternalStoreWithSelector } from 'use-sync-external-store/shim/with-selector'

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
  return useSyncExternalStoreWithSelector(subscribe, getSnapshot, getServerSnapshot, select, isEqual)
}

function identity<T>(value: T): T {
  return value
}
