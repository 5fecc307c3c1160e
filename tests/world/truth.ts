import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { bounds, type PromiseName } from './bounds.ts'
import { settings } from './scale.ts'

const results = join(import.meta.dirname, '..', '..', 'test-results')

/** Holds what was measured against what docs/truth.md promises, and writes it down for that page's table. */
export function holdAgainst(promise: PromiseName, measured: number): void {
  const bound = bounds[promise](settings)
  mkdirSync(results, { recursive: true })
  appendFileSync(join(results, 'truth.jsonl'), `${JSON.stringify({ promise, measured, bound })}\n`)
  expect(measured, `${promise}: measured against its bound`).toBeLessThanOrEqual(bound)
}
