import { createRef } from 'react'
import { expect, test, vi } from 'vitest'
import { mergedRef } from './mergedRef.ts'

test('both refs hear of the element and of its end', () => {
  const [ours, theirs] = [vi.fn<(element: string | null) => void>(), vi.fn<(element: string | null) => void>()]
  const ref = mergedRef<string>(ours, theirs)
  ref('element')
  ref(null)
  expect(ours.mock.calls).toEqual([['element'], [null]])
  expect(theirs.mock.calls).toEqual([['element'], [null]])
})

test('an object ref holds the element while it is there', () => {
  const theirs = createRef<string>()
  const ref = mergedRef<string>(() => {}, theirs)
  ref('element')
  expect(theirs.current).toBe('element')
  ref(null)
  expect(theirs.current).toBeNull()
})

test("the caller's cleanup runs in place of a call with null, and never hides the end from ours", () => {
  const [ours, cleanUp] = [vi.fn<(element: string | null) => void>(), vi.fn<() => void>()]
  const theirs = vi.fn<(element: string | null) => () => void>(() => cleanUp)
  const ref = mergedRef<string>(ours, theirs)
  expect(ref('element')).toBeUndefined()
  ref(null)
  expect(cleanUp).toHaveBeenCalledOnce()
  expect(theirs.mock.calls).toEqual([['element']])
  expect(ours).toHaveBeenLastCalledWith(null)
})
