/** Data as one reads them: on one line where they are short, else a name a line. */
export function readable(data: unknown): string {
  const line = JSON.stringify(data)
  return line.length <= 48 ? line : JSON.stringify(data, null, 2)
}

const linesMost = 6
const signsMost = 200

/** The beginning of long data, on one line; undefined where they are short enough to be shown whole. */
export function cut(data: unknown): string | undefined {
  const text = readable(data)
  const isLong = text.length > signsMost || text.split('\n').length > linesMost
  return isLong ? `${JSON.stringify(data).slice(0, signsMost / 2)}…` : undefined
}

/** A number as it fits under a chart. */
export function short(value: number): string {
  if (value >= 10_000) return `${(value / 1_000).toFixed(value >= 100_000 ? 0 : 1)} k`
  return value >= 100 || Number.isInteger(value)
    ? Math.round(value).toLocaleString('en')
    : value.toFixed(value >= 10 ? 1 : 2)
}

/** Time as one says it: `12 s`, `3 min`, `2 h`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}

/** `1 client`, `2 clients`. */
export function counted(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`
}
