/** A promise that was not kept. The rule's id comes first. */
export class Broken extends Error {}

let first: Broken | null = null

/** Throws when a promise is not kept, and remembers it for `rethrow`: listeners and servers catch what is thrown in them. */
export function claim(isTrue: boolean, rule: string, sentence: () => string): asserts isTrue {
  if (isTrue) return
  const broken = new Broken(`${rule}: ${sentence()}`)
  first ??= broken
  throw broken
}

/** Throws the first promise that was broken since the last call. */
export function rethrow(): void {
  const broken = first
  first = null
  if (broken) throw broken
}

export function forgetBroken(): void {
  first = null
}
