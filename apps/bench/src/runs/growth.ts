import type { PeerName } from '../peers/names.ts'
import type { GrowthScenario } from '../scenarios.ts'
import { growthMeasure } from '../scenarios.ts'
import type { Measures } from './measures.ts'
import { runSteady } from './steady.ts'

/** The same rooms, more and more of them: what does a client cost? */
export async function runGrowth(peer: PeerName, scenario: GrowthScenario): Promise<Measures> {
  const { sizes, perRoom, hz, seconds } = scenario
  const found: Record<string, number> = {}
  const costs: number[] = []
  for (const size of sizes) {
    const rooms = Math.ceil(size / perRoom)
    const run = await runSteady(peer, { ...scenario, kind: 'steady', rooms, perRoom, hz, seconds })
    const cost = ((run['cores'] ?? 0) * 1e6) / (rooms * perRoom)
    found[growthMeasure(size)] = cost
    costs.push(cost)
    for (const name of ['generatorCores', 'generatorStallP99Ms'])
      found[name] = Math.max(found[name] ?? 0, run[name] ?? 0)
  }
  return { ...found, growth: (costs.at(-1) ?? 0) / (costs[0] ?? 1) }
}
