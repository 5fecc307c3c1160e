import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { presenceErrorCodes } from '@app/protocol'
import { createCounters, goneReasons, putFates, resyncReasons } from './counters.ts'
import { createMetrics, ofProcess, type Standing } from './metrics.ts'

function open() {
  const counters = createCounters()
  const standing: Standing = {
    connections: 3,
    slow: 1,
    rooms: 2,
    entries: 5,
    load: 0.25,
    unwritten: 4,
    isStoreFailing: true,
  }
  return { counters, metrics: createMetrics(() => standing, counters) }
}

async function lines(text: Promise<string>): Promise<string[]> {
  return (await text).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

test('a histogram is told in the cumulative buckets of Prometheus', async () => {
  const { counters, metrics } = open()
  for (const seconds of [0.016, 0.02, 0.3, 7]) counters.flushPause.observe(seconds)
  expect((await lines(metrics.text())).filter((line) => line.startsWith('presence_flush_pause'))).toEqual([
    'presence_flush_pause_seconds_bucket{le="0.016"} 1',
    'presence_flush_pause_seconds_bucket{le="0.033"} 2',
    'presence_flush_pause_seconds_bucket{le="0.05"} 2',
    'presence_flush_pause_seconds_bucket{le="0.1"} 2',
    'presence_flush_pause_seconds_bucket{le="0.2"} 2',
    'presence_flush_pause_seconds_bucket{le="0.4"} 3',
    'presence_flush_pause_seconds_bucket{le="0.8"} 3',
    'presence_flush_pause_seconds_bucket{le="+Inf"} 4',
    'presence_flush_pause_seconds_sum 7.336',
    'presence_flush_pause_seconds_count 4',
  ])
})

test('what is told is what is so when it is asked', async () => {
  const { counters, metrics } = open()
  counters.puts.waited = 2
  counters.deltasSent = 9
  const told = await lines(metrics.text())
  for (const line of [
    'presence_connections 3',
    'presence_slow_connections 1',
    'presence_rooms 2',
    'presence_entries 5',
    'presence_load 0.25',
    'presence_puts_total{outcome="waited"} 2',
    'presence_puts_total{outcome="refused"} 0',
    'presence_deltas_sent_total 9',
    'presence_store_failing 1',
    'presence_store_unwritten 4',
  ])
    expect(told).toContain(line)
  counters.deltasSent++
  expect(await lines(metrics.text())).toContain('presence_deltas_sent_total 10')
})

test('names and labels are those of Prometheus, and each label has a closed set of values, all there from the start', async () => {
  const { metrics } = open()
  const sets: Record<string, readonly string[]> = {
    presence_entries_gone_total: goneReasons,
    presence_puts_total: putFates,
    presence_refused_total: presenceErrorCodes,
    presence_resyncs_total: resyncReasons,
  }
  for (const { name, type, help, values } of await metrics.registry.getMetricsAsJSON()) {
    expect(name).toMatch(/^presence_[a-z_]+$/)
    expect(String(type) === 'counter', name).toBe(name.endsWith('_total'))
    expect(help).toMatch(/^.+\.$/)
    const labels = values.flatMap(({ labels: each }) => Object.keys(each))
    const isHistogram = String(type) === 'histogram'
    expect(new Set(labels).has('le')).toBe(isHistogram)
    const told = values.flatMap(({ labels: each }) => Object.entries(each).filter(([label]) => label !== 'le'))
    expect(
      told.map(([, value]) => value),
      name,
    ).toEqual(sets[name] ?? [])
  }
})

test('of two servers in one process each tells its own, and both the same of the process', async () => {
  const [one, two] = [open(), open()]
  one.counters.stalls = 1
  expect(await lines(one.metrics.text())).toContain('presence_stalls_total 1')
  const told = await lines(two.metrics.text())
  expect(told).toContain('presence_stalls_total 0')
  for (const name of [
    'process_resident_memory_bytes',
    'nodejs_active_handles_total',
    'nodejs_eventloop_lag_p99_seconds',
  ])
    expect(told.filter((line) => line.startsWith(`${name} `))).toHaveLength(1)
  expect(ofProcess()).toBe(ofProcess())
})

test('the table in docs/running.md has each name with its labels, and their values, and no others', async () => {
  const { metrics } = open()
  const page = readFileSync(new URL('../../../docs/running.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\|([^|]*`presence_[^|]*)\|([^|]*)\|([^|]*)\|$/gm)]
  const ticked = (text = ''): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, each = '']) => each)
  const told = new Map(rows.flatMap(([, names, labels, text]) => ticked(names).map((name) => [name, { labels, text }])))
  const all = await metrics.registry.getMetricsAsJSON()
  expect([...told.keys()].sort()).toEqual(all.map(({ name }) => name).sort())
  for (const { name, values } of all) {
    const labels = new Set(values.flatMap((value) => Object.keys(value.labels)))
    expect(ticked(told.get(name)?.labels), name).toEqual([...labels])
    // The codes have a page of their own.
    if (labels.has('le') || labels.has('code')) continue
    for (const value of values.flatMap((each) => Object.values(each.labels)))
      expect(ticked(told.get(name)?.text)).toContain(value)
  }
})
