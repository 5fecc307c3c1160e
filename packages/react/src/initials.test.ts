import { expect, test } from 'vitest'
import { initials } from './initials.ts'

test.each([
  ['Ada Lovelace', 'AL'],
  ['Augusta Ada King', 'AK'],
  ['ada', 'A'],
  ['', ''],
  ['   ', ''],
  [undefined, ''],
  ['  Grace   Hopper ', 'GH'],
  ['Ada (she)', 'AS'],
  ['"Ada" Lovelace', 'AL'],
  ['élodie öst', 'ÉÖ'],
  // Decomposed: the accent is a code point of its own.
  ['e\u0301lodie', 'É'.normalize('NFD')],
  ['𝒜da', '𝒜'],
  ['李小龙', '李'],
  ['🦊 Grace', '🦊G'],
  ['...', ''],
  ['Ada …', 'A'],
])('the initials of %j are %j', (name, letters) => {
  expect(initials(name)).toBe(letters)
})
