import { expect, test } from 'vitest'
import { lookForFailures } from './look-for-failures.ts'

test('[S4] [P2] [P4] [P5] [L2] [S1] whatever happens, the rules hold at every step and all agree in the end (one of two)', async () => {
  expect(await lookForFailures(0)).toBeGreaterThan(0)
})
