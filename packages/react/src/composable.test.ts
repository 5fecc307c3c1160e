import { expect, test, vi } from 'vitest'
import { composable } from './composable.ts'

test('spread, it is our handlers and nothing else', () => {
  const onInput = vi.fn<() => void>()
  expect({ ...composable({ onInput }) }).toEqual({ onInput })
})

test("with the caller's props, both handlers run, the caller's first, and other props stay", () => {
  const calls: string[] = []
  const props = composable({ onInput: () => calls.push('ours') }).with({ onInput: () => calls.push('theirs'), id: 'x' })
  expect(props.id).toBe('x')
  props.onInput()
  expect(calls).toEqual(['theirs', 'ours'])
})

test("an error in the caller's handler is the caller's, and ours runs all the same", () => {
  const onInput = vi.fn<() => void>()
  const fail = () => {
    throw new Error('theirs')
  }
  expect(() => composable({ onInput }).with({ onInput: fail }).onInput()).toThrow('theirs')
  expect(onInput).toHaveBeenCalledOnce()
})
