import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createCounters } from './counters.ts'
import { createMetrics, ofProcess, standsStill } from './metrics.ts'

/*
 * The dashboard asks for nothing that there is not: no query of it is ever empty because a name was changed.
 */

interface Panel {
  readonly title: string
  readonly type: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[]
}

const dashboard = JSON.parse(readFileSync(new URL('../grafana/presence.json', import.meta.url), 'utf8')) as {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] }
}

// What Prometheus adds to each, of where it was found.
const added = ['instance', 'job']

/** Every name that can be asked for, with its labels. */
async function knownSeries(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { registry } = createMetrics(() => standsStill, createCounters())
  const series = new Map<string, Set<string>>()
  for (const { name, values } of [...(await registry.getMetricsAsJSON()), ...(await ofProcess().getMetricsAsJSON())]) {
    if (values.length === 0) series.set(name, new Set(added))
    for (const value of values) {
      const { metricName = name } = value as { metricName?: string }
      const labels = series.get(metricName) ?? new Set(added)
      for (const label of Object.keys(value.labels)) labels.add(label)
      series.set(metricName, labels)
    }
  }
  return series
}

/** The series of a query with the labels that it selects by, and the labels that it groups by. */
function read(expr: string): { selected: [name: string, labels: string[]][]; groups: string[] } {
  const labelsOf = (list: string): string[] =>
    [...list.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label)
  const selected = [...expr.matchAll(/([a-z_0-9]+)\{([^}]*)\}/g)].map(
    ([, name = '', list = '']): [string, string[]] => [name, labelsOf(list)],
  )
  const groups = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((each) => each.trim()),
  )
  return { selected, groups }
}

const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ refId, expr }) => ({ name: `${title} ${refId}`, expr })),
)

test.each(queries)('$name asks for what there is', async ({ expr }) => {
  const series = await knownSeries()
  const { selected, groups } = read(expr)
  expect(selected.length).toBeGreaterThan(0)
  // Every name that looks like one of ours is one with a selector.
  const names = selected.map(([name]) => name)
  expect(names).toEqual(expr.match(/\b(presence|process|nodejs)_[a-z0-9_]+/g))
  for (const [name, labels] of selected) {
    const known = series.get(name)
    expect(known, name).toBeDefined()
    for (const label of [...labels, ...groups]) expect([...(known ?? [])], `${label} of ${name}`).toContain(label)
    expect(labels).toContain('instance')
    const isCounter = (name.endsWith('_total') && !name.startsWith('nodejs_')) || name.endsWith('_bucket')
    expect(expr.includes(`rate(${name}`), `a rate of ${name}`).toBe(isCounter)
  }
})

test('its choice of servers is of those that have what is asked for', async () => {
  const instance = dashboard.templating.list.find(({ name }) => name === 'instance')
  const [, name = ''] = /label_values\((\w+), instance\)/.exec(JSON.stringify(instance?.query)) ?? []
  expect(await knownSeries().then((series) => series.has(name))).toBe(true)
})

test('no panel lies on another, and each has a name', () => {
  const cells = new Set<string>()
  for (const {
    title,
    gridPos: { x, y, w, h },
  } of dashboard.panels) {
    expect(title).not.toBe('')
    expect(x + w).toBeLessThanOrEqual(24)
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        expect(cells.has(`${column} ${row}`), title).toBe(false)
        cells.add(`${column} ${row}`)
      }
    }
  }
})

test('all that the server tells of itself is on it', async () => {
  const { registry } = createMetrics(() => standsStill, createCounters())
  const asked = queries.map(({ expr }) => expr).join(' ')
  for (const { name } of await registry.getMetricsAsJSON()) expect(asked).toContain(name)
})
