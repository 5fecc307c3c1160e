import { expect, test } from 'vitest'
import { typingPhrase } from './typingPhrase.ts'

const english = { max: 3, locale: 'en' }

test('the phrase names who is typing, up to a limit', () => {
  expect(typingPhrase([], english)).toBe('')
  expect(typingPhrase(['Ada'], english)).toBe('Ada is typing')
  expect(typingPhrase(['Ada', 'Grace'], english)).toBe('Ada and Grace are typing')
  expect(typingPhrase(['Ada', 'Grace', 'Alan'], english)).toBe('Ada, Grace, and Alan are typing')
  expect(typingPhrase(['Ada', 'Grace', 'Alan', 'Edsger'], english)).toBe('Several people are typing')
})

test('who has no name is someone', () => {
  expect(typingPhrase([undefined], english)).toBe('Someone is typing')
  expect(typingPhrase(['Ada', ''], english)).toBe('Ada and Someone are typing')
})

test("the list is written as the reader's language does, and the words can be replaced", () => {
  const strings = {
    one: (name: string) => `${name} tippt`,
    many: (names: string) => `${names} tippen`,
    several: 'Mehrere tippen',
  }
  const german = { max: 2, locale: 'de', strings: { ...strings, someone: undefined } as object }
  expect(typingPhrase(['Ada'], german)).toBe('Ada tippt')
  expect(typingPhrase(['Ada', 'Grace'], german)).toBe('Ada und Grace tippen')
  expect(typingPhrase(['Ada', 'Grace', 'Alan'], german)).toBe('Mehrere tippen')
  expect(typingPhrase([undefined], german)).toBe('Someone tippt')
})

test('a language that is none does no harm', () => {
  expect(typingPhrase(['Ada', 'Grace'], { max: 3, locale: 'not a language' })).toMatch(/Ada .+ Grace are typing/)
})
