import { expect, test } from 'vitest'
import { wordsOf } from './wordsOf.ts'

test('what is undefined, or left out, stays as it is; what is empty is said', () => {
  const english = { one: '1', two: '2', three: '3' }
  const strings: Partial<typeof english> = JSON.parse('{"two":"zwei","three":""}')
  expect(wordsOf(english, { ...strings, one: undefined } as object)).toEqual({ one: '1', two: 'zwei', three: '' })
  expect(wordsOf(english, undefined)).toEqual(english)
})
