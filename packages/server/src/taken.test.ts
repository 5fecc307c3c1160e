import { FakeClock } from '@app/testkit'
import { expect, test } from 'vitest'
import { Taken } from './taken.ts'

function gather() {
  const clock = new FakeClock()
  const told: unknown[] = []
  const taken = new Taken(clock, (key, n) => told.push([key, n]))
  return { clock, taken, told: () => told.splice(0) }
}

test('[P7] a put is told as taken at once; of those that follow within five seconds, the newest of each room', () => {
  const { clock, taken, told } = gather()
  taken.add('pr:a', 1)
  expect(told()).toEqual([['pr:a', 1]])
  for (let n = 2; n <= 20; n++) taken.add(n % 2 ? 'pr:a' : 'pr:b', n)
  clock.advance(4_999)
  expect(told()).toEqual([])
  clock.advance(1)
  expect(told()).toEqual([
    ['pr:b', 20],
    ['pr:a', 19],
  ])
  clock.advance(5_000)
  taken.add('pr:a', 21)
  expect(told()).toEqual([['pr:a', 21]])
})

test('what is told otherwise is not told again, and a connection that ended keeps no timer', () => {
  const { clock, taken, told } = gather()
  taken.add('pr:a', 1)
  taken.add('pr:a', 2)
  taken.add('pr:b', 3)
  taken.drop('pr:a', 2)
  taken.drop('pr:b', 2)
  clock.advance(5_000)
  expect(told()).toEqual([
    ['pr:a', 1],
    ['pr:b', 3],
  ])
  taken.add('pr:a', 3)
  taken.stop()
  expect(clock.pending).toBe(0)
})
