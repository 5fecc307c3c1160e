import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { bounds, type PromiseName } from './bounds.ts'
import { settings, type Settings } from './scale.ts'

const results = join(import.meta.dirname, '..', '..', 'test-results')

/**
 * Holds what was measured against what docs/truth.md promises, and writes it down for that page's table. `from`: what it
 * follows from, if that is not what the tests of this run work with.
 */
export function holdAgainst(promise: PromiseName, measured: number, from: Settings = settings): void {
  const bound = bounds[promise](from)
  mkdirSync(results, { recursive: true })
  appendFileSync(join(results, 'truth.jsonl'), `${JSON.stringify({ promise, measured, bound })}\n`)
  expect(measured, `${promise}: measured against its bound`).toBeLessThanOrEqual(bound)
}
