import { expect, test } from 'vitest'
import { citedIn, disagreements, rulesOf } from './spec-rules.mjs'

const spec = `# The rules

## Presence
- **P1** shows at once; see P2.
- **P2** expires.

## Not yet kept
- **L3** a grace.

## Notes
- **S1** one snapshot.
`

const file = (source) => [{ path: 'a.test.ts', source }]

test('rules under "Not yet kept" are apart, wherever that section stands', () => {
  expect(rulesOf(spec)).toEqual({ kept: ['P1', 'P2', 'S1'], notYet: ['L3'] })
  expect(rulesOf('- **P1** a\n\n## Not yet kept\n- **L3** b')).toEqual({ kept: ['P1'], notYet: ['L3'] })
  expect(rulesOf('- **P1** a')).toEqual({ kept: ['P1'], notYet: [] })
})

test('a title may cite several rules, in any quotes, on a line of its own, of a table', () => {
  expect(citedIn('test(\n  "[P1][P2] [S1] is [P9]", () => {})')).toEqual(['P1', 'P2', 'S1'])
  expect(citedIn("it(`[P1] is`, f); test.each([[1, (2)]])('[P2] %s', f)")).toEqual(['P1', 'P2'])
})

test('a test that does not run keeps no rule, and a group is no test', () => {
  expect(citedIn("test.skip('[P1] a', f)\ntest.todo('[P1] a')\n  // test('[P1] a', f)\ndescribe('[P1] a', f)")).toEqual(
    [],
  )
})

test('a rule without a test, a test without a rule and a rule told twice are each one sentence', () => {
  const some = file("test('[P1][P2] a', f); test('[S1][L3] b', f)")
  expect(disagreements(spec, some)).toEqual([])
  expect(disagreements(spec, file("test('[P1] a', f); test('[S1] b', f)"))).toEqual([
    expect.stringMatching(/^P2 has no test/),
  ])
  expect(disagreements(spec, [...some, ...file("test('[X9] a', f)")])).toEqual([expect.stringMatching(/names X9/)])
  expect(disagreements(`${spec}- **P1** again`, some)).toEqual([expect.stringMatching(/^P1 stands .* more than once/)])
})
