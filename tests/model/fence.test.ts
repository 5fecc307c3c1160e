import { expect, test } from 'vitest'
import { run } from './run.ts'

// Chance rarely finds this one: an attempt that was given up, and is let in only after the one that followed it.
test('[L6] a connection that is let in after a newer one of its client does not take its place', () =>
  expect(
    run({
      seed: 0,
      commands: [
        { do: 'track', client: 0, room: 0, data: 0, ttlMs: 30_000 },
        { do: 'login', client: 0, user: 5 },
        { do: 'advance', ms: 1_000 },
        // The fourth to knock is examined for six seconds, the fifth for half a one.
        { do: 'cut', client: 0, how: 'both', offline: 'no' },
        { do: 'advance', ms: 1_000 },
        { do: 'cut', client: 0, how: 'client', offline: 'no' },
        { do: 'advance', ms: 3_000 },
        { do: 'update', client: 0, room: 0, track: 0, data: { x: 1 } },
        { do: 'advance', ms: 3_000 },
        { do: 'advance', ms: 3_000 },
        { do: 'settle' },
      ],
    }),
  ).resolves.toBeUndefined())
