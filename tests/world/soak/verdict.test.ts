import { expect, test } from 'vitest'
import type { Verdict } from '../story.ts'
import { growthOf, readSample, type Sample } from './samples.ts'
import { judgeSoak, type Findings } from './verdict.ts'

const megabyte = 1_048_576
const quiet: Sample = {
  ...{ atMs: 0, run: 0, connections: 20, entries: 20, handles: 50 },
  ...{ heapBytes: 30 * megabyte, memoryBytes: 100 * megabyte },
}
const none = { ms: 0, what: 'nothing' }
const story: Verdict = { ghost: none, left: none, falseAbsence: none, slowReturn: none }

/** Each five seconds, from run to run; the heap comes and goes, and grows by so much in a minute. */
function samplesOf(runs: readonly number[], growthPerMinute = 0): Sample[] {
  return runs.flatMap((minutes, run) =>
    Array.from({ length: minutes * 12 }, (_, i) => ({
      ...{ ...quiet, run, atMs: run * 10_000_000 + i * 5_000 },
      heapBytes: (30 + (i % 10) * 3 + (i / 12) * growthPerMinute) * megabyte,
    })),
  )
}

function broken(found: Partial<Findings>): readonly string[] {
  const all: Findings = {
    ...{ story, before: quiet, samples: samplesOf([3, 16, 8]), after: quiet, living: 20, mistaken: [], broken: [] },
    ...{ cases: 900, answers: 90, slowEnded: 9, minutes: 30 },
    ...{ serverErrors: [], clientErrors: { 'connection-failed': 300 }, memoryMaxBytes: 512 * megabyte },
    ...found,
  }
  return judgeSoak(all)
    .filter(({ isKept }) => !isKept)
    .map(({ name }) => name)
}

test('a soak in which all went well has nothing out of its bound', () => expect(broken({})).toEqual([]))

test.each<[string, Partial<Findings>]>([
  ['ghost', { story: { ...story, ghost: { ms: 40_000, what: 'x' } } }],
  ['goodbye', { story: { ...story, left: { ms: 40_000, what: 'x' } } }],
  ['missing', { story: { ...story, falseAbsence: { ms: 40_000, what: 'x' } } }],
  ['way back', { story: { ...story, slowReturn: { ms: 40_000, what: 'x' } } }],
  ['something else', { mistaken: ['7 in pr:room-1'] }],
  ['connections', { after: { ...quiet, connections: 21 } }],
  ['entries', { after: { ...quiet, entries: 19 } }],
  ['handles', { after: { ...quiet, handles: 70 } }],
  ['heap', { samples: samplesOf([3, 16, 8], 2) }],
  ['most memory', { memoryMaxBytes: 99 * megabyte }],
  ['errors and ends', { serverErrors: ['{"level":50}'] }],
  ['should not meet', { clientErrors: { internal: 1 } }],
  ['hostile clients', { broken: ['lot 7'] }],
  ['hostile cases', { cases: 0 }],
  ['answers', { answers: 0 }],
  ['sockets that read nothing', { slowEnded: 0 }],
  ['growth', { samples: samplesOf([1, 1]) }],
])('what goes wrong is out of its bound: %s', (name, found) => {
  expect(broken(found)).toEqual([expect.stringContaining(name)])
})

test('a short soak need not last long enough to tell of growth, or to see who reads nothing ended', () => {
  expect(broken({ minutes: 1, samples: samplesOf([1]), slowEnded: 0 })).toEqual([])
})

test('growth is told of the longest run, after its first minute', () => {
  const growth = growthOf(samplesOf([3, 16, 8], 2))
  expect(growth?.bytes).toBeCloseTo(20 * megabyte)
  expect(growth?.overMs).toBe(15 * 60_000 - 5_000)
})

test('what is too short tells nothing of growth', () => expect(growthOf(samplesOf([1, 1]))).toBeUndefined())

const text = `# HELP x y
presence_connections 3
presence_entries 4
nodejs_heap_size_used_bytes 1000
process_resident_memory_bytes 2e3
nodejs_active_resources_total 17
nodejs_heap_space_size_used_bytes{space="new"} 5
`
test('a sample is read from what Prometheus is told', () => {
  expect(readSample(text, 1, 2)).toEqual({
    ...{ atMs: 1, run: 2, connections: 3, entries: 4, heapBytes: 1_000, memoryBytes: 2_000, handles: 17 },
  })
})

test('what is not told is missed by name', () => {
  expect(() => readSample(text.replace(/presence_entries.*\n/, ''), 1, 2)).toThrow('presence_entries')
})
