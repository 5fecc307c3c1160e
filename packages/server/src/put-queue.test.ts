import { FakeClock } from '@app/testkit'
import { expect, test } from 'vitest'
import { createCounters } from './counters.ts'
import { PutQueue } from './put-queue.ts'

function open(perRoom = 10, perConnection = 15) {
  const clock = new FakeClock(0)
  const taken: [key: string, n: number][] = []
  const told: string[] = []
  const refused: [key: string, n: number, error: unknown][] = []
  const full = { key: '' }
  const { puts: fates } = createCounters()
  const queue = new PutQueue<{ readonly n: number }>({
    rates: { perRoom, perConnection },
    waitingMax: 3,
    fates,
    clock,
    nowMs: () => clock.wallMs(),
    turn: (run) => run(),
    take: (key, { n }) => {
      if (key === full.key) throw new Error('full')
      taken.push([key, n])
    },
    refuse: (key, { n }, error) => refused.push([key, n, (error as Error).message]),
    tell: (key) => told.push(key),
  })
  return { clock, queue, taken, told, refused, full, fates }
}

test('[A3] within the rate every put is taken at once and nobody is told', () => {
  const { clock, queue, taken, told } = open()
  for (let n = 1; n <= 30; n++) {
    queue.offer('a', { n })
    clock.advance(100)
  }
  expect(taken.length).toBe(30)
  expect(told).toEqual([])
})

test('[A3] over the rate the newest value waits for the next slot, the last is never lost, and it is told once a second', () => {
  const { clock, queue, taken, told } = open()
  for (let n = 1; n <= 2_000; n++) {
    queue.offer('a', { n })
    clock.advance(1)
  }
  clock.advance(1_000)
  // Ten at once, then ten a second, the newest each time.
  expect(taken.length).toBeGreaterThanOrEqual(29)
  expect(taken.length).toBeLessThanOrEqual(31)
  expect(taken.at(-1)).toEqual(['a', 2_000])
  expect(taken.map(([, n]) => n)).toEqual([...taken.map(([, n]) => n)].sort((a, b) => a - b))
  expect(told.length).toBe(2)
  expect(clock.pending).toBe(0)
})

test('[A3] the rooms of a connection share its rate, and each keeps its newest', () => {
  const { clock, queue, taken } = open()
  for (const key of ['a', 'b', 'c']) for (let n = 1; n <= 10; n++) queue.offer(key, { n })
  expect(taken.length).toBe(15)
  clock.advance(1_000)
  expect(new Map(taken).get('b')).toBe(10)
  expect(new Map(taken).get('c')).toBe(10)
})

test('[A3] [P6] a leave takes away what waits from before it', () => {
  const { clock, queue, taken } = open()
  for (let n = 1; n <= 12; n++) queue.offer('a', { n })
  queue.withdraw('a', 13)
  clock.advance(1_000)
  expect(taken.at(-1)).toEqual(['a', 10])
})

test('[A2] a put that waited and is not taken is refused by itself, and disturbs no other', () => {
  const { clock, queue, taken, refused, full } = open()
  for (const key of ['a', 'b']) for (let n = 1; n <= 12; n++) queue.offer(key, { n })
  full.key = 'a'
  clock.advance(1_000)
  expect(refused).toEqual([['a', 12, 'full']])
  expect(taken.at(-1)).toEqual(['b', 12])
  expect(() => queue.offer('a', { n: 13 })).toThrow('full')
  expect(refused.length).toBe(1)
})

test('each put is counted by what became of it, and none twice', () => {
  const { clock, queue, full, fates } = open(2, 15)
  const offer = (key: string, n: number): void => queue.offer(key, { n })
  for (let n = 1; n <= 4; n++) offer('a', n)
  expect(fates).toEqual({ accepted: 2, waited: 0, replaced: 1, refused: 0 })
  clock.advance(500)
  expect(fates).toEqual({ accepted: 2, waited: 1, replaced: 1, refused: 0 })
  offer('a', 5)
  full.key = 'a'
  clock.advance(500)
  expect(fates).toEqual({ accepted: 2, waited: 1, replaced: 1, refused: 1 })
  offer('a', 6)
  queue.withdraw('a', 7)
  offer('a', 8)
  queue.clear()
  expect(fates).toEqual({ accepted: 2, waited: 1, replaced: 3, refused: 1 })
})
