import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bounds, type PromiseName } from './bounds.ts'
import { isLong, settings, type Settings } from './scale.ts'

// What is promised in seconds is measured in the long run, which has the machine for itself. The short one runs beside
// others, on whatever machine: there a second too many tells of that machine; what never ends, or is lost, still fails.
const slackMs = isLong ? 0 : 2_000

const results = join(import.meta.dirname, '..', '..', 'test-results')

/**
 * Holds what was measured against what docs/truth.md promises, and in a long run writes it down for that page's table.
 * `from`: what it follows from, if that is not what the tests of this run work with. Of no test runner: Vitest and Playwright
 * both call a test red that throws.
 */
export function holdAgainst(promise: PromiseName, measured: number, from: Settings = settings): void {
  const promised = bounds[promise](from)
  const bound = promised > 0 ? promised + slackMs : promised
  if (isLong) {
    mkdirSync(results, { recursive: true })
    appendFileSync(join(results, 'truth.jsonl'), `${JSON.stringify({ promise, measured, bound })}\n`)
  }
  // Whatever is no number is within no bound.
  if (!(measured <= bound)) throw new Error(`${promise}: measured ${measured}, and promised is ${bound} at most.`)
}
