import { wordsOf } from './wordsOf.ts'

/** What the indicator says; replace them to speak another language. */
export interface TypingStrings {
  one(name: string): string
  /** `names` is a list as the reader's language writes it: "Ada and Grace". */
  many(names: string): string
  several: string
  /** Somebody without a name. */
  someone: string
}

const typingStrings: TypingStrings = {
  one: (name) => `${name} is typing`,
  many: (names) => `${names} are typing`,
  several: 'Several people are typing',
  someone: 'Someone',
}

export interface TypingPhraseOptions {
  /** With more people than this none is named. */
  readonly max: number
  /** How the list of names is written; undefined follows the reader's own settings. */
  readonly locale?: string | undefined
  readonly strings?: Partial<TypingStrings> | undefined
}

/** Says who is typing; empty when nobody is. */
export function typingPhrase(
  names: readonly (string | undefined)[],
  { max, locale, strings }: TypingPhraseOptions,
): string {
  const say = wordsOf(typingStrings, strings)
  const [first] = names
  if (names.length === 0) return ''
  if (names.length > max) return say.several
  if (names.length === 1) return say.one(first || say.someone)
  return say.many(listFormat(locale).format(names.map((name) => name || say.someone)))
}

function listFormat(locale: string | undefined): Intl.ListFormat {
  try {
    return new Intl.ListFormat(locale)
  } catch {
    // A page may call its language anything; Intl throws at what is none.
    return new Intl.ListFormat()
  }
}
