import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drawChart } from './chart.ts'
import type { ScenarioReport } from './report.ts'
import { scenarios } from './scenarios.ts'
import { writeReport } from './table.ts'

export interface Results {
  readonly machine: string
  readonly pinning: string
  readonly rounds: number
  readonly quick: boolean
  readonly scenarios: readonly ScenarioReport[]
}

/** Keeps the results as JSON and as a chart; says where. */
export function writeResults(results: Results, out: string | undefined): string {
  const folder = openFolder(out)
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  const setting = `${results.machine}; ${results.pinning}`
  const about = `${setting}; medians of ${results.rounds} interleaved rounds, lines from least to most`
  writeFileSync(join(folder, 'chart.svg'), drawChart(results.scenarios, about))
  writeFileSync(
    join(folder, 'tables.md'),
    writeTables(results, `${setting}; medians (least–most) of ${results.rounds} rounds`),
  )
  return `Written to ${relative(process.cwd(), folder) || '.'}: results.json, tables.md, chart.svg`
}

function writeTables({ scenarios: reports }: Results, about: string): string {
  const tables = reports.map((report) => {
    const { columns = [] } = scenarios.find(({ name }) => name === report.scenario) ?? {}
    return writeReport(report, columns)
  })
  const star = '\\* The load generator was at its limit in one of the rounds; the numbers may be its own.'
  return `${['# Results of `npm run bench`', `${about}.`, ...tables, star].join('\n\n')}\n`
}

/** The folder for results, made when it is not there yet. */
export function openFolder(out: string | undefined): string {
  const folder = out === undefined ? fileURLToPath(new URL('../results', import.meta.url)) : resolve(out)
  mkdirSync(folder, { recursive: true })
  return folder
}
