import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bounds } from '../../tests/world/bounds.ts'
import { defaults } from '../../tests/world/scale.ts'
import { root } from './processes.mjs'
import { boundOf, fillIn, promisesOf, say, worstOf } from './truth.mjs'

const page =
  '| `gone` Gone | 16 s | `graceMs` | `gone.test.ts` | 15.0 s |\n| `seen` Seen | 0 | none | `seen.test.ts` | 0 |'

test('the worst of each promise is filled into its row, as a time or as a number', () => {
  const lines = [
    { promise: 'gone', measured: 14_210, bound: 16_000 },
    { promise: 'gone', measured: 15_960, bound: 16_000 },
    { promise: 'seen', measured: 0, bound: 0 },
  ]
  const worst = worstOf(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`)
  expect(worst.get('gone')).toEqual({ measured: 15_960, bound: 16_000, times: 2 })
  expect(fillIn(page, worst)).toBe(page.replace('15.0 s', '16.0 s'))
  expect(fillIn(page, worstOf(''))).toBe(page)
})

test('times are said in seconds', () => {
  expect([say(80, '1 s'), say(1_240, '16 s'), say(2, '0'), boundOf('1 000 s'), boundOf('0')]).toEqual([
    '0.08 s',
    '1.2 s',
    '2',
    1_000_000,
    0,
  ])
})

describe('docs/truth.md', () => {
  const promises = promisesOf(readFileSync(join(root, 'docs/truth.md'), 'utf8'))

  test('has every promise that is measured, and no other', () => {
    expect(new Set(promises.keys())).toEqual(new Set(Object.keys(bounds)))
  })

  test.each(Object.entries(bounds))(
    'has the bound of %s, a test that keeps it, and less that was measured',
    (name, bound) => {
      const row = promises.get(name)
      expect(boundOf(row.bound)).toBe(bound(defaults))
      expect(boundOf(row.measured)).toBeLessThanOrEqual(bound(defaults))
      expect(say(boundOf(row.measured), row.bound)).toBe(row.measured)
      for (const [, path] of row.test.matchAll(/`([^`]+)`/g))
        expect(readFileSync(join(root, path), 'utf8'), path).toContain(`'${name}'`)
    },
  )
})
