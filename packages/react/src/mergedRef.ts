import type { Ref, RefCallback } from 'react'

/** One ref for an element that two want: ours, and the one that the caller passed. Make it once, not in every render. */
export function mergedRef<T>(ours: RefCallback<T>, theirs: Ref<T> | undefined): RefCallback<T> {
  // React 19 lets a ref return its own cleanup. Passed on, it would also be all that ours hears of the end.
  let cleanUp: ReturnType<RefCallback<T>> = undefined
  return (element) => {
    ours(element)
    if (theirs === null || theirs === undefined) return
    if (typeof theirs !== 'function') theirs.current = element
    else if (element !== null) cleanUp = theirs(element)
    else if (typeof cleanUp === 'function') cleanUp()
    else theirs(null)
  }
}
