import { expect, test } from 'vitest'
import { topFunctions } from './top-functions.ts'

test('a profile tells the functions by their own time, and idling is none', () => {
  const node = (id: number, functionName: string, url = '') => ({ id, callFrame: { functionName, url, lineNumber: 9 } })
  const profile = {
    nodes: [
      node(1, '(idle)'),
      node(2, 'flush', 'file:///a/b/hub.js'),
      node(3, 'writev'),
      node(4, 'flush', 'file:///a/b/hub.js'),
    ],
    samples: [1, 2, 3, 4],
    timeDeltas: [900, 30, 40, 30],
  }
  expect(topFunctions(profile, 5)).toEqual([
    { name: 'flush b/hub.js:10', share: 0.6 },
    { name: 'writev', share: 0.4 },
  ])
  expect(topFunctions(profile, 1)).toHaveLength(1)
})
