/** A point of a line: from 0 to 1 on both axes, y downwards. */
interface Point {
  readonly x: number
  readonly y: number
}

/**
 * Lines through values, the last at the right edge, `most` (which is 0 at the least) at the top. Where a value is not known
 * the line ends, and another one begins behind.
 */
export function linesOf(
  atMs: readonly number[],
  values: readonly (number | undefined)[],
  spanMs: number,
  most: number,
): readonly (readonly Point[])[] {
  const endMs = atMs.at(-1) ?? 0
  const lines: Point[][] = [[]]
  for (const [at, value] of values.entries()) {
    const x = 1 - (endMs - (atMs[at] ?? 0)) / spanMs
    if (value === undefined) lines.push([])
    else if (x >= 0) lines.at(-1)?.push({ x, y: 1 - value / Math.max(most, Number.MIN_VALUE) })
  }
  return lines.filter(({ length }) => length > 0)
}

/** What is drawn of a line, and of the area below it, in a box of `width` and `height`. */
export function pathOf(line: readonly Point[], width: number, height: number): string {
  return line
    .map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${(x * width).toFixed(1)} ${(y * height).toFixed(1)}`)
    .join('')
}

/** The top of a chart, somewhat above what it shows: one, two or five of a power of ten, so that it seldom changes. */
export function topOf(values: readonly (number | undefined)[], least: number): number {
  const most = Math.max(least, ...values.map((value) => value ?? 0))
  const power = 10 ** Math.floor(Math.log10(most))
  return ([1, 2, 5, 10].find((step) => step * power >= most * 1.05) ?? 20) * power
}
