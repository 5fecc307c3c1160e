// A letter and its accents; brackets and quotes around a word are none of it.
const letter = /[\p{L}\p{N}\p{Extended_Pictographic}]\p{M}*/u

/** The first letters of a name's first and last word: "Ada Lovelace" is AL, "Ada" is A; of no name it is empty. */
export function initials(name = ''): string {
  return name
    .trim()
    .replace(/\s.*\s/s, ' ')
    .split(/\s/)
    .map((word) => letter.exec(word)?.[0] ?? '')
    .join('')
    .toUpperCase()
}
