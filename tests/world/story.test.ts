import { expect, test } from 'vitest'
import type { Interval } from './intervals.ts'
import { judge, type Life, type Story } from './story.ts'

const ever = Number.POSITIVE_INFINITY
const always = [[0, ever]] as const

/** Two who are there all the time and see each other, but for what is said. */
function story(ada: Partial<Life> = {}, grace: Partial<Life> = {}, rest: Partial<Story> = {}) {
  const both = { room: 'pr:a', here: always, spoiled: [], live: always }
  const lives: Life[] = [
    { ...both, clientId: 1, ...sees(2, [0, ever]), ...ada },
    { ...both, clientId: 2, ...sees(1, [0, ever]), ...grace },
  ]
  const { ghost, left, falseAbsence, slowReturn } = judge({ lives, up: always, stalls: [], endsAtMs: 60_000, ...rest })
  return { ghost: ghost.ms, left: left.ms, falseAbsence: falseAbsence.ms, slowReturn: slowReturn.ms }
}

/** When one sees the other. */
const sees = (clientId: number, ...spans: readonly Interval[]): Pick<Life, 'seen'> => ({
  seen: new Map([[clientId, spans]]),
})
const nothing = { ghost: 0, left: 0, falseAbsence: 0, slowReturn: 0 }

test('where nothing is wrong, nothing is found', () => {
  expect(story()).toEqual(nothing)
})

test('a ghost is seen for as long as somebody who hears the server sees it, without the stalls', () => {
  const gone: Partial<Life> = { here: [[0, 10_000]], live: [[0, 10_000]] }
  expect(story(sees(2, [0, 25_000]), gone)).toEqual({ ...nothing, ghost: 15_000 })
  expect(story(sees(2, [0, 25_000]), gone, { stalls: [[12_000, 14_000]] }).ghost).toBe(13_000)
  // Who hears nothing cannot know.
  expect(story({ ...sees(2, [0, 25_000]), spoiled: [[11_000, 30_000]] }, gone).ghost).toBe(1_000)
})

test('who leaves while they are heard is to be gone at once; a ghost is measured from the last time that they left', () => {
  const leaves: Partial<Life> = {
    here: [
      [0, 10_000],
      [20_000, 30_000],
    ],
  }
  const seen = sees(2, [0, 10_100], [20_100, 30_400])
  expect(story(seen, leaves)).toEqual({ ...nothing, ghost: 400, left: 400, falseAbsence: 100 })
  // Cut off while they left, they could not say it.
  expect(story(seen, { ...leaves, spoiled: [[29_900, 31_000]] }).left).toBe(100)
})

test('somebody is missing only while both hear the server', () => {
  const seen = sees(2, [0, 10_000], [14_000, ever])
  expect(story(seen).falseAbsence).toBe(4_000)
  expect(story(seen, { spoiled: [[9_000, 12_000]] }).falseAbsence).toBe(1_500)
  const live: readonly Interval[] = [
    [0, 9_000],
    [13_000, ever],
  ]
  expect(story(seen, { live }).falseAbsence).toBe(1_000)
  expect(story(seen, {}, { up: live }).falseAbsence).toBe(1_000)
})

test('a return is as slow as the time in which nothing was in the way', () => {
  const live: readonly Interval[] = [
    [1_000, 10_000],
    [17_000, ever],
  ]
  expect(story({ live, spoiled: [[10_000, 12_000]] }).slowReturn).toBe(4_500)
  expect(story({ live: [[1_000, 10_000]] }).slowReturn).toBe(50_000)
})
