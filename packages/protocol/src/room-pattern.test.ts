import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRoomPattern } from './room-pattern.ts'

const matches = (pattern: string, key: string, userId?: string): boolean =>
  parseRoomPattern(pattern, userId).matches(key)

describe('a pattern of rooms', () => {
  test('without a star means one key', () => {
    expect(matches('pr:board', 'pr:board')).toBe(true)
    expect(matches('pr:board', 'pr:boards')).toBe(false)
    expect(matches('pr:board', 'pr:boar')).toBe(false)
  })

  test('* stays within a segment, ** does not', () => {
    expect(matches('pr:room-*', 'pr:room-7')).toBe(true)
    expect(matches('pr:room-*', 'pr:room-')).toBe(true)
    expect(matches('pr:room-*', 'pr:room-7/chat')).toBe(false)
    expect(matches('pr:*/chat', 'pr:room-7/chat')).toBe(true)
    expect(matches('pr:*/chat', 'pr:a/b/chat')).toBe(false)
    expect(matches('pr:**/chat', 'pr:a/b/chat')).toBe(true)
    expect(matches('pr:**', 'pr:a/b/chat')).toBe(true)
    expect(matches('pr:a*c', 'pr:abcbc')).toBe(true)
    expect(matches('pr:a*c', 'pr:abcb')).toBe(false)
  })

  test('means a derived key as it means its KEY', () => {
    expect(matches('pr:board', 'pr:board/cursors')).toBe(true)
    expect(matches('pr:*', 'pr:board/typing')).toBe(true)
    expect(matches('pr:board/*', 'pr:board/cursors')).toBe(false)
  })

  test('{userId} is that id and never a star, and nothing for nobody', () => {
    expect(matches('pr:user-{userId}', 'pr:user-ada', 'ada')).toBe(true)
    expect(matches('pr:user-{userId}', 'pr:user-grace', 'ada')).toBe(false)
    expect(matches('pr:user-{userId}', 'pr:user-grace', '*')).toBe(false)
    expect(matches('pr:user-{userId}', 'pr:user-x/y', '**')).toBe(false)
    expect(matches('pr:user-{userId}', 'pr:user-')).toBe(false)
    expect(matches('pr:{userId}/*', 'pr:ada/notes', 'ada')).toBe(true)
  })

  test.each([undefined, 7, '', 'pr:', 'board', 'pr:a b', 'pr:{user}', 'pr:[ab]', `pr:${'a'.repeat(300)}`])(
    'is refused when it is %j',
    (pattern) => expect(() => parseRoomPattern(pattern)).toThrow(expect.objectContaining({ code: 'bad-options' })),
  )

  test('agrees with a regular expression', () => {
    const key = fc.stringMatching(/^[ab/]{1,8}$/).map((text) => `pr:${text}`)
    const pattern = fc.array(fc.constantFrom('a', 'b', '/', '*', '**'), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(pattern, key, (parts, text) => {
        // "a", "*", "**" in a row would read as other stars than were meant.
        const written = `pr:${parts.join('')}`
        const expression = written
          .split(/(\*+)/)
          .map((part) => (part.startsWith('**') ? '.*' : part === '*' ? '[^/]*' : part))
          .join('')
        expect(matches(written, text)).toBe(new RegExp(`^${expression}$`).test(text))
      }),
    )
  })

  test('takes no long with many stars', () => {
    const pattern = parseRoomPattern(`pr:${'*a'.repeat(100)}`)
    expect(pattern.matches(`pr:${'a'.repeat(240)}b`)).toBe(false)
  })
})
