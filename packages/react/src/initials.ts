// A letter may be several code points (é, a flag, a family); an older browser without a segmenter sees code points.
const segmenter = typeof Intl.Segmenter === 'function' ? new Intl.Segmenter() : null

/** The first letters of a name's first and last word: "Ada Lovelace" is AL, "Ada" is A; of no name it is empty. */
export function initials(name = ''): string {
  const words = name.match(/[\p{L}\p{N}\p{Extended_Pictographic}\p{RI}]\S*/gu) ?? name.match(/\S+/g) ?? []
  return [...new Set([0, Math.max(words.length - 1, 0)])].map((at) => firstLetter(words[at] ?? '')).join('')
}

function firstLetter(word: string): string {
  const [letter] = segmenter ? [...segmenter.segment(word)].map(({ segment }) => segment) : word
  return (letter ?? '').toLocaleUpperCase()
}
