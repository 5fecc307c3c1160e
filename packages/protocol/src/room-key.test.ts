import { expect, test } from 'vitest'
import { baseKey, derivedKey, parseRoomKey } from './room-key.ts'

const code = (key: unknown) => {
  try {
    parseRoomKey(key)
  } catch (error) {
    return (error as { code?: string }).code
  }
  return 'no error'
}

test('a room key is "pr:" and 1 to 252 bytes of its alphabet', () => {
  for (const key of [
    'pr:a',
    'pr:room-123',
    'pr:a/b:c@d+e~f._',
    'pr:__proto__',
    `pr:${'x'.repeat(252)}`,
    `pr:${'x'.repeat(252)}/cursors`,
  ]) {
    expect(parseRoomKey(key)).toBe(key)
  }
})

test('anything else is bad-key', () => {
  for (const key of [
    '',
    'pr:',
    'room',
    'PR:a',
    'pr:a b',
    'pr:é',
    'pr:a\n',
    `pr:${'x'.repeat(253)}`,
    `pr:${'x'.repeat(253)}/cursors`,
    7,
    null,
    undefined,
    {},
  ]) {
    expect(code(key), JSON.stringify(key)).toBe('bad-key')
  }
})

test('derived keys follow their KEY', () => {
  expect(derivedKey('pr:a/b', 'cursors')).toBe('pr:a/b/cursors')
  expect(baseKey('pr:a/b/cursors')).toBe('pr:a/b')
  expect(baseKey('pr:a/typing')).toBe('pr:a')
  expect(baseKey('pr:a/typing/b')).toBe('pr:a/typing/b')
  expect(baseKey('pr:typing')).toBe('pr:typing')
})
