import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drawChart } from './chart.ts'
import type { ScenarioReport } from './report.ts'

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
  const about = `${results.machine}; ${results.pinning}; medians of ${results.rounds} interleaved rounds, lines from least to most`
  writeFileSync(join(folder, 'chart.svg'), drawChart(results.scenarios, about))
  return `Written to ${relative(process.cwd(), folder) || '.'}: results.json, chart.svg`
}

/** The folder for results, made when it is not there yet. */
export function openFolder(out: string | undefined): string {
  const folder = out === undefined ? fileURLToPath(new URL('../results', import.meta.url)) : resolve(out)
  mkdirSync(folder, { recursive: true })
  return folder
}
