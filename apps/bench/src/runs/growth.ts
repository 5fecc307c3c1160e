import { setTimeout as sleep } from 'node:timers/promises'
import { growthMeasure, type GrowthScenario } from '../scenarios.ts'
import { connectSwarm, leave, move, put, type Member } from '../swarm.ts'
import { measure } from './measure.ts'
import type { Measures } from './measures.ts'
import { warmUpSeconds, type Stage } from './stage.ts'

/** The same rooms, more and more of them beside those that are there: what does a client cost? */
export async function runGrowth({ peer, server, isWarm }: Stage, scenario: GrowthScenario): Promise<Measures> {
  const { sizes, perRoom, hz, seconds } = scenario
  const found: Record<string, number> = {}
  const costs: number[] = []
  const members: Member[] = []
  for (const size of sizes) {
    const rooms = Math.ceil((size - members.length) / perRoom)
    const more = await connectSwarm({ peer, port: server.port, rooms, perRoom, listens: true })
    for (const member of more) put(member)
    members.push(...more)
    const stop = move(members, hz)
    await sleep(warmUpSeconds(isWarm || costs.length > 0, seconds) * 1_000)
    const run = await measure(server, members, members, seconds, stop)
    const cost = ((run['cores'] ?? 0) * 1e6) / members.length
    found[growthMeasure(size)] = cost
    costs.push(cost)
    for (const name of ['generatorCores', 'generatorStallP99Ms'])
      found[name] = Math.max(found[name] ?? 0, run[name] ?? 0)
  }
  leave(members)
  return { ...found, growth: (costs.at(-1) ?? 0) / (costs[0] ?? 1) }
}
