import { expect, test } from 'vitest'
import { intoActs, playThrough, type Act } from './acts.ts'
import { scenarios, type Scenario } from './scenarios.ts'

const named = (...names: string[]): Scenario[] => scenarios.filter(({ name }) => names.includes(name))
const namesOf = (act: Act): string[] => act.map(({ name }) => name)

test('neighbours that can share a server are one act, and all others are alone', () => {
  const acts = intoActs(named('A', 'B', 'growth', 'idle', 'join'), false)
  expect(acts.map(namesOf)).toEqual([['A', 'B', 'growth'], ['idle'], ['join']])
})

test('apart, each scenario is an act', () => {
  expect(intoActs(named('A', 'B', 'idle'), true).map(namesOf)).toEqual([['A'], ['B'], ['idle']])
})

test('what fails leaves its place empty, and the rest is played anew', async () => {
  const played: string[][] = []
  const failed: string[] = []
  const found = await playThrough(
    named('A', 'B', 'C'),
    async (rest) => {
      played.push(namesOf(rest))
      const upToB = namesOf(rest).indexOf('B')
      return rest.slice(0, upToB < 0 ? rest.length : upToB).map(({ perRoom }) => ({ perRoom }))
    },
    ({ name }) => failed.push(name),
  )
  expect(found).toEqual([{ perRoom: 100 }, {}, { perRoom: 500 }])
  expect(played).toEqual([['A', 'B', 'C'], ['C']])
  expect(failed).toEqual(['B'])
})
