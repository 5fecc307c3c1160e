import { growthMeasure } from './scenarios.ts'
import type { ScenarioReport } from './report.ts'
import type { Spread } from './statistics.ts'

/*
 * A picture of a run: bars for what the server costs in each scenario that has a cost, a line for growth. It is read on
 * white and on black, and without its colours too: every bar bears its name and its number.
 */

const width = 760
const left = 110
const right = 130
const barHeight = 16
const step = barHeight + 6
const titleHeight = 30
const lineHeight = 180

const style = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 13px }
  .faint { fill: #59636e }
  .bar { fill: #8c959f } .bar.ours { fill: #1f6feb }
  .whisker, .axis { stroke: #59636e; stroke-width: 1 }
  .line { fill: none; stroke: #8c959f; stroke-width: 2 } .line.ours { stroke: #1f6feb }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .faint { fill: #9198a1 }
    .bar { fill: #6e7681 } .bar.ours { fill: #58a6ff }
    .whisker, .axis { stroke: #9198a1 }
    .line { stroke: #6e7681 } .line.ours { stroke: #58a6ff }
  }`

interface Drawing {
  readonly height: number
  /** Its elements, drawn from `top` down. */
  readonly draw: (top: number) => string
}

export function drawChart(reports: readonly ScenarioReport[], about: string): string {
  const drawings = reports.flatMap((report) => (report.scenario === 'growth' ? growth(report) : cost(report)) ?? [])
  let top = 16
  const parts = drawings.map(({ height, draw }) => {
    const part = draw(top)
    top += height
    return part
  })
  const foot = `<text class="faint" x="16" y="${top + 14}">${escape(about)}</text>`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top + 30}" viewBox="0 0 ${width} ${top + 30}" role="img">`,
    `<title>What a presence server costs</title>`,
    `<style>${style}\n</style>`,
    ...parts,
    foot,
    '</svg>\n',
  ].join('\n')
}

function cost(report: ScenarioReport): Drawing | undefined {
  const bars = report.peers.flatMap(({ peer, measures, isSaturated }) => {
    const cores = measures['cores']
    return cores ? { peer, cores, seen: measures['seen'], isSaturated } : []
  })
  if (bars.length === 0) return undefined
  const most = Math.max(...bars.map(({ cores }) => cores.max))
  const x = (cores: number): number => left + (cores / most) * (width - left - right)
  return {
    height: titleHeight + bars.length * step + 14,
    draw: (top) =>
      [
        `<text class="title" x="16" y="${top + 14}">${escape(report.scenario)}: ${escape(report.about)} <tspan class="faint">(server CPU, cores)</tspan></text>`,
        ...bars.map(({ peer, cores, seen, isSaturated }, index) => {
          const y = top + titleHeight + index * step
          const middle = y + barHeight / 2
          const name = `<text x="${left - 8}" y="${middle + 4}" text-anchor="end">${peer}${isSaturated ? ' *' : ''}</text>`
          const bar = `<rect class="bar${ofOurs(peer)}" x="${left}" y="${y}" width="${round(x(cores.median) - left)}" height="${barHeight}" rx="2"/>`
          const whisker = `<path class="whisker" d="M${round(x(cores.min))} ${middle}H${round(x(cores.max))}"/>`
          const number = `<text x="${round(x(cores.max)) + 8}" y="${middle + 4}">${printCores(cores)}${unseen(seen)}</text>`
          return [name, bar, whisker, number].join('')
        }),
      ].join('\n'),
  }
}

function growth(report: ScenarioReport): Drawing | undefined {
  const lines = report.peers.map(({ peer, measures }) => ({ peer, points: pointsOf(measures) }))
  const all = lines.flatMap(({ points }) => points)
  if (all.length === 0) return undefined
  const mostClients = Math.max(...all.map(({ size }) => size))
  const most = Math.max(...all.map(({ micros }) => micros))
  const x = (size: number): number => round(left + (size / mostClients) * (width - left - right))
  return {
    height: titleHeight + lineHeight + 30,
    draw(top) {
      const bottom = top + titleHeight + lineHeight
      const y = (micros: number): number => round(bottom - (micros / most) * lineHeight)
      const sizes = [...new Set(all.map(({ size }) => size))]
      return [
        `<text class="title" x="16" y="${top + 14}">${escape(report.scenario)}: ${escape(report.about)}</text>`,
        `<path class="axis" d="M${left} ${top + titleHeight}V${bottom}H${width - right}" fill="none"/>`,
        `<text class="faint" x="${left - 8}" y="${top + titleHeight + 4}" text-anchor="end">${Math.round(most)}</text>`,
        `<text class="faint" x="${left - 8}" y="${bottom}" text-anchor="end">0</text>`,
        ...sizes.map(
          (size) => `<text class="faint" x="${x(size)}" y="${bottom + 16}" text-anchor="middle">${size}</text>`,
        ),
        ...lines.flatMap(({ peer, points }) => {
          const last = points.at(-1)
          if (!last) return []
          const path = points.map(({ size, micros }) => `${x(size)},${y(micros)}`).join(' ')
          return [
            `<polyline class="line${ofOurs(peer)}" points="${path}"/>`,
            `<text x="${x(last.size) + 8}" y="${y(last.micros) + 4}">${peer}</text>`,
          ]
        }),
      ].join('\n')
    },
  }
}

function pointsOf(measures: Readonly<Record<string, Spread>>): { size: number; micros: number }[] {
  const prefix = growthMeasure('')
  return Object.entries(measures)
    .flatMap(([name, found]) =>
      name.startsWith(prefix) ? { size: Number(name.slice(prefix.length)), micros: found.median } : [],
    )
    .sort((a, b) => a.size - b.size)
}

const ofOurs = (peer: string): string => (peer.startsWith('ours') ? ' ours' : '')

function printCores({ median }: Spread): string {
  return median.toFixed(median < 0.1 ? 3 : 2)
}

/** What a server does not deliver costs it nothing, so that stands beside its cost. */
function unseen(seen: Spread | undefined): string {
  return seen === undefined || seen.median > 99.9 ? '' : `, ${seen.median.toFixed(0)} % seen`
}

const round = (value: number): number => Math.round(value * 10) / 10

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
