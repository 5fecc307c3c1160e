const cells = (line) => line.split('|').slice(1, -1)

/** The rows of docs/truth.md, by the name of the promise. Bounds and what was measured are as the page has them. */
export function promisesOf(page) {
  const rows = page.split('\n').filter((line) => /^\| `[a-z-]+` /.test(line))
  return new Map(
    rows.map((line) => {
      const [promise, bound, follows, test, measured] = cells(line).map((cell) => cell.trim())
      return [/`([a-z-]+)`/.exec(promise)[1], { bound, follows, test, measured }]
    }),
  )
}

/** The worst that was measured of each promise: lines of JSON, as the tests write them. */
export function worstOf(lines) {
  const worst = new Map()
  for (const line of lines.split('\n').filter(Boolean)) {
    const { promise, measured, bound } = JSON.parse(line)
    const before = worst.get(promise)
    worst.set(promise, { bound, measured: Math.max(measured, before?.measured ?? 0), times: (before?.times ?? 0) + 1 })
  }
  return worst
}

/** A number as the page writes it: in seconds where the bound is. */
export function say(value, bound) {
  if (!bound.endsWith(' s')) return String(value)
  const seconds = value / 1_000
  return `${seconds < 0.995 ? seconds.toFixed(2) : seconds.toFixed(1)} s`
}

/** The bound as a number, in milliseconds where it is a time. */
export function boundOf(bound) {
  const value = Number(bound.replace(/ s$/, '').replaceAll(' ', ''))
  return bound.endsWith(' s') ? value * 1_000 : value
}

/** The page with what was measured in its last column. */
export function fillIn(page, worst) {
  return page
    .split('\n')
    .map((line) => {
      const name = /^\| `([a-z-]+)` /.exec(line)?.[1]
      const found = name === undefined ? undefined : worst.get(name)
      if (!found) return line
      const row = cells(line)
      row[4] = ` ${say(found.measured, row[1].trim())} `
      return `|${row.join('|')}|`
    })
    .join('\n')
}
