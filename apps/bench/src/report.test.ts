import { expect, test } from 'vitest'
import { drawChart } from './chart.ts'
import { reportOn } from './report.ts'
import type { Scenario } from './scenarios.ts'
import { printReport } from './table.ts'

const scenario: Scenario = {
  name: 'A',
  about: 'a < b',
  kind: 'steady',
  rooms: 1,
  perRoom: 2,
  hz: 1,
  seconds: 1,
  peers: ['ours', 'ws'],
  columns: [{ measure: 'cores', title: 'CPU', digits: 2 }],
  targets: [
    { measure: 'cores', of: 'ours', per: 'ws', atMost: 1.5 },
    { measure: 'cores', of: 'ours', per: 'colyseus', atMost: 1 },
    { measure: 'seen', of: 'ours', atLeast: 100 },
  ],
}

const rounds = new Map([
  [
    'ours',
    [
      { cores: 0.2, seen: 100 },
      { cores: 0.3, seen: 99 },
      { cores: 0.1, seen: 100 },
    ],
  ],
  ['ws', [{ cores: 0.1 }, { cores: 0.3, generatorCores: 0.95 }, { cores: 0.1 }]],
] as const)

test('a ratio is taken within each round, and the median of the ratios is judged', () => {
  const { verdicts } = reportOn(scenario, rounds)
  expect(verdicts).toEqual([
    { what: 'cores, ours / ws', wanted: '≤ 1.5', found: { median: 1, min: 1, max: 2 }, isMet: true },
    { what: 'seen of ours', wanted: '≥ 100', found: { median: 100, min: 99, max: 100 }, isMet: true },
  ])
})

test('a round that failed is left out', () => {
  const failed = new Map([
    ['ours', [{}, { cores: 0.5 }]],
    ['ws', [{ cores: 0.25 }, { cores: 0.25 }]],
  ] as const)
  expect(reportOn(scenario, failed).verdicts[0]?.found).toEqual({ median: 2, min: 2, max: 2 })
})

test('a run whose generator was at its limit bears a star', () => {
  expect(printReport(reportOn(scenario, rounds), scenario.columns)).toBe(
    `A: a < b
A                  CPU
ours  0.20 (0.10–0.30)
ws *  0.10 (0.10–0.30)
✓ cores, ours / ws: 1.00 (1.00–2.00), wanted ≤ 1.5
✓ seen of ours: 100.00 (99.00–100.00), wanted ≥ 100`,
  )
})

test('the chart names every peer and number, and knows the dark', () => {
  const svg = drawChart([reportOn(scenario, rounds)], 'this machine')
  expect(svg).toContain('a &lt; b')
  expect(svg).toContain('>ours<')
  expect(svg).toContain('>ws *<')
  expect(svg).toContain('prefers-color-scheme: dark')
  expect(svg.match(/<rect /g)).toHaveLength(2)
})
