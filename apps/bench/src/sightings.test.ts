import { expect, test } from 'vitest'
import { Sightings } from './sightings.ts'

const all = { fromMs: 0, toMs: 1_000 }

test('an update that a newer one outran counts as seen when that one is', () => {
  const sightings = new Sightings<string>()
  sightings.see('ada', 1, 35)
  expect(sightings.judge([['ada', [10, 30]]], all)).toEqual({
    delivered: 1,
    sent: 2,
    seenInTime: 2,
    latenciesMs: [25, 5],
  })
})

test('what comes later than a second, or never, was not seen in time', () => {
  const sightings = new Sightings<string>()
  sightings.see('ada', 0, 1_011)
  expect(sightings.judge([['ada', [10, 30]]], all)).toMatchObject({ sent: 2, seenInTime: 0, latenciesMs: [1_001] })
  expect(sightings.judge([['grace', [10]]], all)).toMatchObject({ sent: 1, seenInTime: 0, latenciesMs: [] })
})

test('the same state again is no news, and an older one none either', () => {
  const sightings = new Sightings<string>()
  for (const number of [0, 1, 1, 0]) sightings.see('ada', number, 40)
  expect(sightings.judge([['ada', [10, 30]]], all).delivered).toBe(2)
})

test('only what was sent in the window counts', () => {
  const sightings = new Sightings<string>()
  for (const number of [0, 1, 2]) sightings.see('ada', number, number * 100 + 5)
  expect(sightings.judge([['ada', [0, 100, 200]]], { fromMs: 50, toMs: 150 })).toEqual({
    delivered: 1,
    sent: 1,
    seenInTime: 1,
    latenciesMs: [5],
  })
})
