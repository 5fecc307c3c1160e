import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bounds, type PromiseName } from './bounds.ts'
import { isLong, settings, type Settings } from './scale.ts'

const results = join(import.meta.dirname, '..', '..', 'test-results')

/**
 * Holds what was measured against what docs/truth.md promises, and in a long run writes it down for that page's table. `from`: what it
 * follows from, if that is not what the tests of this run work with. Of no test runner: Vitest and Playwright both call a
 * test red that throws.
 */
export function holdAgainst(promise: PromiseName, measured: number, from: Settings = settings): void {
  const bound = bounds[promise](from)
  if (isLong) {
    mkdirSync(results, { recursive: true })
    appendFileSync(join(results, 'truth.jsonl'), `${JSON.stringify({ promise, measured, bound })}\n`)
  }
  // Whatever is no number is within no bound.
  if (!(measured <= bound)) throw new Error(`${promise}: measured ${measured}, and promised is ${bound} at most.`)
}
