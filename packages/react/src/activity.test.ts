import { expect, test } from 'vitest'
import { activityAt, type Seen } from './activity.ts'

const times = { idleMs: 1_000, awayMs: 5_000 }
const seen: Seen = { inputAtMs: 100, hiddenAtMs: null }
const never = Number.POSITIVE_INFINITY

test.each([
  [100, seen, 'active', 1_100],
  [1_099, seen, 'active', 1_100],
  [1_100, seen, 'idle', 5_100],
  [5_099, seen, 'idle', 5_100],
  [5_100, seen, 'away', never],
  // A clock that went back.
  [0, seen, 'active', 1_100],
  [200, { ...seen, hiddenAtMs: 200 }, 'idle', 5_100],
  [5_100, { ...seen, hiddenAtMs: 200 }, 'away', never],
])('at %i of %j somebody is %s, until %d', (nowMs, what, activity, untilMs) => {
  expect(activityAt(what, times, nowMs)).toEqual({ activity, untilMs })
})

test('who is away sooner than idle is never idle', () => {
  expect(activityAt(seen, { idleMs: 1_000, awayMs: 500 }, 200)).toEqual({ activity: 'active', untilMs: 600 })
  expect(activityAt(seen, { idleMs: 1_000, awayMs: 500 }, 600).activity).toBe('away')
})
