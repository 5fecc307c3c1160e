import { expect, test } from 'vitest'
import { gauge, meanMs, parseMetrics, rate, seriesOf, withSample, type Sample } from './metrics.ts'

const sample = (atMs: number, values: Record<string, number>): Sample => ({
  atMs,
  values: new Map(Object.entries(values)),
})

test('the text of Prometheus is read, and what differs by labels is added up', () => {
  const text = [
    '# HELP presence_rooms Rooms.',
    '# TYPE presence_rooms gauge',
    'presence_rooms 20',
    'presence_puts_total{outcome="accepted"} 3',
    'presence_puts_total{outcome="refused",why="a } b"} 1.5',
    'presence_flush_lag_seconds_sum 2e-3',
    'nodejs_version_info{version="v20"} 1 1700000000000',
    'presence_broken one',
    '',
  ].join('\n')
  const { atMs, values } = parseMetrics(text, 7)
  expect(atMs).toBe(7)
  expect(Object.fromEntries(values)).toEqual({
    presence_rooms: 20,
    presence_puts_total: 4.5,
    presence_flush_lag_seconds_sum: 0.002,
    nodejs_version_info: 1,
  })
})

test('a rate is the increase between two samples by the time that lies between them', () => {
  const samples = [sample(0, { puts: 10 }), sample(2_000, { puts: 30 }), sample(2_500, { puts: 30 })]
  expect(seriesOf(samples, rate('puts'))).toEqual([undefined, 10, 0])
})

test('after a restart of the server, and of what it does not tell, there is no rate', () => {
  const samples = [sample(0, { puts: 10 }), sample(2_000, { puts: 4 }), sample(2_000, { puts: 6 }), sample(4_000, {})]
  expect(seriesOf(samples, rate('puts'))).toEqual([undefined, undefined, undefined, undefined])
})

test('a mean is of what came between two samples; of nothing there is none', () => {
  const samples = [
    sample(0, { lag_sum: 1, lag_count: 1 }),
    sample(2_000, { lag_sum: 1.03, lag_count: 4 }),
    sample(4_000, { lag_sum: 1.03, lag_count: 4 }),
  ]
  const [first, second, third] = seriesOf(samples, meanMs('lag'))
  expect([first, third]).toEqual([undefined, undefined])
  expect(second).toBeCloseTo(10)
})

test('a gauge is what it is', () => {
  expect(seriesOf([sample(0, { rooms: 3 }), sample(1, {})], gauge('rooms'))).toEqual([3, undefined])
})

test('samples are kept for a span, with one more before it', () => {
  let samples: readonly Sample[] = []
  for (const atMs of [0, 1_000, 2_000, 3_000, 4_000]) samples = withSample(samples, sample(atMs, {}), 2_000)
  expect(samples.map(({ atMs }) => atMs)).toEqual([1_000, 2_000, 3_000, 4_000])
  // A page that was hidden for long: what it last knew is what it compares with.
  expect(withSample(samples, sample(60_000, {}), 2_000).map(({ atMs }) => atMs)).toEqual([4_000, 60_000])
})
