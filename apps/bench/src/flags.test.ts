import { expect, test } from 'vitest'
import { parseFlags } from './flags.ts'

test('flags pick scenarios and peers in any case, in our order', () => {
  const flags = parseFlags(['--scenario', 'c,A', '--peers', 'ws,ours', '--rounds', '5', '--json'])
  expect(flags).toMatchObject({ peers: ['ws', 'ours'], rounds: 5, json: true, quick: false })
  expect(flags === 'help' ? [] : flags.scenarios.map(({ name }) => name)).toEqual(['A', 'C'])
})

test('a wrong flag is one line that says what is right', () => {
  expect(() => parseFlags(['--scenario', 'Z'])).toThrow(/^--scenario knows no "Z"; it knows: A, B, C, /)
  expect(() => parseFlags(['--peers', 'liveblocks'])).toThrow(/it knows: ours, ws, tutorial/)
  expect(() => parseFlags(['--rounds', '0'])).toThrow('--rounds is a whole number from 1 to 99, not "0".')
  expect(() => parseFlags(['--fast'])).toThrow(/^[^\n]*--fast[^\n]*$/)
})
