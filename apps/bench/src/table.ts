import type { ScenarioReport } from './report.ts'
import type { Column } from './scenarios.ts'
import type { Spread } from './statistics.ts'

/** A scenario for the eye: a row for each peer, then each target. */
export function printReport(report: ScenarioReport, columns: readonly Column[]): string {
  const head = [report.scenario, ...columns.map(({ title }) => title)]
  const rows = report.peers.map(({ peer, measures, isSaturated }) => [
    isSaturated ? `${peer} *` : peer,
    ...columns.map(({ measure, digits }) => printSpread(measures[measure], digits)),
  ])
  const verdicts = report.verdicts.map(
    ({ what, wanted, found, isMet }) => `${isMet ? '✓' : '✗'} ${what}: ${printSpread(found, 2)}, wanted ${wanted}`,
  )
  return [`${report.scenario}: ${report.about}`, printTable([head, ...rows]), ...verdicts].join('\n')
}

/** The same for a page. */
export function writeReport(report: ScenarioReport, columns: readonly Column[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rows = report.peers.map(({ peer, measures, isSaturated }) =>
    row([
      isSaturated ? `${peer} \\*` : peer,
      ...columns.map(({ measure, digits }) => printSpread(measures[measure], digits)),
    ]),
  )
  const verdicts = report.verdicts.map(
    ({ what, wanted, found, isMet }) =>
      `- ${isMet ? 'met' : '**missed**'}: ${what} ${wanted}: ${printSpread(found, 2)}`,
  )
  return [
    `## ${report.scenario}`,
    '',
    `${capital(report.about)}.`,
    '',
    row(['', ...columns.map(({ title }) => title)]),
    row(['---', ...columns.map(() => '--:')]),
    ...rows,
    '',
    ...verdicts,
  ]
    .join('\n')
    .trimEnd()
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

function printSpread(found: Spread | undefined, digits: number): string {
  if (!found) return '–'
  const print = (value: number): string => value.toFixed(digits)
  const range = `${print(found.min)}–${print(found.max)}`
  return found.min === found.max ? print(found.median) : `${print(found.median)} (${range})`
}

/** Columns as wide as they must be; numbers to the right. */
function printTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
