/** The words of `strings`, and of `english` where it has none: undefined is none. */
export function wordsOf<S extends object>(english: S, strings: Partial<S> | undefined): S {
  const words = Object.entries(strings ?? {}).filter(([, word]) => word !== undefined)
  return { ...english, ...Object.fromEntries(words) }
}
