import type { ModelCommand } from '@app/testkit'
import { expect, test } from 'vitest'
import { run } from './run.ts'

/*
 * What the model found, shortened, and what it was. Each stays here as it was found; the fix has a test of its own
 * beside the code that was wrong.
 */

const live = (...commands: readonly ModelCommand[]) => expect(run({ seed: 0, commands })).resolves.toBeUndefined()

test('[P5] a listener that puts when it hears of the hello does not enter the room twice and lose its joinedAtMs', () =>
  live(
    { do: 'restart', how: 'closes', mode: 'fresh', downMs: 0 },
    { do: 'heartbeat', client: 1, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'nest', client: 1, room: 0, call: 'track' },
  ))

test('[P5] a correction of the clock after a reconnect does not move the joinedAtMs that the server told', () =>
  live(
    { do: 'track', client: 0, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'restart', how: 'closes', mode: 'fresh', downMs: 0 },
    { do: 'advance', ms: 10_000 },
    { do: 'settle' },
    { do: 'advance', ms: 3_000 },
    { do: 'hold', client: 0, way: 'up' },
    { do: 'heartbeat', client: 0, room: 1, data: 0, ttlMs: 1_000 },
    { do: 'leave', client: 1, room: 1 },
    { do: 'flush' },
    { do: 'cut', client: 0, how: 'silent', offline: 'no' },
    { do: 'flush' },
    { do: 'deadline', client: 2, room: 1, offsetMs: -1 },
    { do: 'flush' },
    { do: 'heartbeat', client: 1, room: 0, data: 0, ttlMs: 1_500 },
    { do: 'nest', client: 1, room: 0, call: 'track' },
  ))

test('[L4] a client that is closed without a connection and opened again leaves nothing behind', () =>
  live(
    { do: 'track', client: 2, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'flush' },
    { do: 'cut', client: 2, how: 'both', offline: 'no' },
    { do: 'close', client: 2 },
  ))

test('[P12] update(fn) gets the present data also when that is null', () =>
  live(
    { do: 'track', client: 0, room: 1, data: 0, ttlMs: 1_000 },
    { do: 'track', client: 0, room: 1, data: null, ttlMs: 1_000 },
    { do: 'update', client: 0, room: 1, track: 0, data: 0 },
  ))

test("[P2] without a connection the deadline of another's held entry does not flicker between two milliseconds", () =>
  live(
    { do: 'heartbeat', client: 0, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'taken', client: 0 },
    { do: 'track', client: 1, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'advance', ms: 3_000 },
    { do: 'update', client: 1, room: 0, track: 0, data: { x: 3, y: 'long enough to be seen' } },
    { do: 'flush' },
    { do: 'cut', client: 0, how: 'server', offline: 'refuses' },
    { do: 'deadline', client: 0, room: 0, offsetMs: 1 },
  ))

test('[P1] a shorter lease that ran out in a throttled tab before it was sent ends the longer one', () =>
  live(
    { do: 'advance', ms: 1 },
    { do: 'pace', client: 1, pace: 'throttled' },
    { do: 'heartbeat', client: 1, room: 0, data: 0, ttlMs: 60_000 },
    { do: 'heartbeat', client: 1, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'advance', ms: 1_000 },
    { do: 'advance', ms: 1 },
  ))

test('[L2] [L7] a packet that a server reads before it notices its stall does not prolong a lease twice', () =>
  live(
    { do: 'login', client: 0, user: 3 },
    { do: 'advance', ms: 1 },
    { do: 'track', client: 0, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'heartbeat', client: 1, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'stall', ms: 25_000 },
    { do: 'advance', ms: 3_000 },
    { do: 'restart', how: 'closes', mode: 'resume', downMs: 4_000 },
    { do: 'advance', ms: 16_000 },
  ))

test('[S4] a put that was under way when the operator took the entry away, and was heard of by a snapshot, does not stay', () =>
  live(
    { do: 'track', client: 0, room: 1, data: 0, ttlMs: 1_000 },
    { do: 'update', client: 0, room: 1, track: 0, data: { x: 1 } },
    { do: 'advance', ms: 1_000 },
    { do: 'track', client: 0, room: 1, data: 0, ttlMs: 1_000 },
    { do: 'lose', client: 0 },
    { do: 'kick', client: 0, room: 1 },
    { do: 'listen', client: 0, room: 1 },
  ))

test('[S2] a room that was exited does not keep a lost last message from being found within a minute', () =>
  live(
    { do: 'deadline', client: 2, room: 1, offsetMs: -1 },
    { do: 'track', client: 1, room: 1, data: 0, ttlMs: 1_000 },
    { do: 'deadline', client: 1, room: 1, offsetMs: -1 },
    { do: 'heartbeat', client: 0, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'track', client: 0, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'track', client: 1, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'advance', ms: 33 },
    { do: 'lose', client: 2 },
    { do: 'advance', ms: 1_000 },
  ))

test('[P1] a shorter lease that ran out in a frozen tab before it was sent ends the longer one', () =>
  live(
    { do: 'advance', ms: 3_000 },
    { do: 'heartbeat', client: 1, room: 0, data: 0, ttlMs: 25_000 },
    { do: 'heartbeat', client: 1, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'pace', client: 1, pace: 'frozen' },
    { do: 'advance', ms: 16_000 },
    { do: 'flush' },
  ))

test('[S4] a put that was under way when the operator took the entry away does not stay hidden from its own client', () =>
  live(
    { do: 'heartbeat', client: 0, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'deadline', client: 0, room: 0, offsetMs: -1 },
    { do: 'track', client: 0, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'latency', client: 0, ms: 300 },
    { do: 'kick', client: 0, room: 0 },
  ))

test('[R3] a heartbeat that a crashed server has forgotten replaces the older put that it still has', () =>
  live(
    { do: 'advance', ms: 1 },
    { do: 'track', client: 0, room: 0, data: { x: 1 }, ttlMs: 1_000 },
    { do: 'heartbeat', client: 0, room: 0, data: 0, ttlMs: 25_000 },
    { do: 'advance', ms: 100 },
    { do: 'restart', how: 'crashes', mode: 'resume', downMs: 0 },
  ))

test('[R3] a login just before a crash does not make the server forget when its client was last seen', () =>
  live(
    { do: 'track', client: 0, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'advance', ms: 16_000 },
    { do: 'login', client: 0, user: 0 },
    { do: 'flush' },
    { do: 'restart', how: 'crashes', mode: 'resume', downMs: 0 },
    { do: 'pace', client: 0, pace: 'asleep' },
    { do: 'deadline', client: 1, room: 0, offsetMs: -1 },
  ))

test('[C1] an entry that the first estimate of the clock took for over is shown once a better one says that it is not', () =>
  live(
    { do: 'flush' },
    { do: 'close', client: 0 },
    { do: 'stepWall', ms: -3_600_000 },
    { do: 'heartbeat', client: 1, room: 0, data: 0, ttlMs: 60_000 },
    { do: 'advance', ms: 10_000 },
    { do: 'deadline', client: 1, room: 0, offsetMs: 1 },
    { do: 'connect', client: 0 },
    { do: 'flush' },
  ))

test('[C1] a question about the time that comes between does not cost those that were to follow', async () => {
  await live(
    { do: 'heartbeat', client: 0, room: 1, data: 0, ttlMs: 1_000 },
    { do: 'settle' },
    { do: 'stall', ms: 15_000 },
    { do: 'latency', client: 0, ms: 40 },
    { do: 'flush' },
    { do: 'heartbeat', client: 0, room: 0, data: 0, ttlMs: 1_000 },
    { do: 'stall', ms: 15_000 },
  )
  await live(
    { do: 'heartbeat', client: 2, room: 1, data: 0, ttlMs: 1_000 },
    { do: 'advance', ms: 3_000 },
    { do: 'stall', ms: 25_000 },
    { do: 'step', client: 2, way: 'up' },
    { do: 'stall', ms: 3_000 },
  )
})
