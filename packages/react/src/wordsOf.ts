/** The words of `strings`, and of `english` where it has none: undefined is none. */
export function wordsOf<S extends object>(english: S, strings: Partial<S> | undefined): S {
  const words = { ...english }
  for (const name in strings) words[name] = strings[name] ?? english[name]
  return words
}
