import { setTimeout as sleep } from 'node:timers/promises'
import type { SteadyScenario } from '../scenarios.ts'
import { connectSwarm, leave, move, put } from '../swarm.ts'
import { measure } from './measure.ts'
import type { Measures } from './measures.ts'
import { warmUpSeconds, type Stage } from './stage.ts'

/** Everybody moves at one pace. */
export async function runSteady({ peer, server, isWarm }: Stage, scenario: SteadyScenario): Promise<Measures> {
  const { rooms, perRoom, listens = true, movers = perRoom, hz, seconds, warmUp } = scenario
  const members = await connectSwarm({ peer, port: server.port, rooms, perRoom, listens })
  const moving = members.slice(0, movers * rooms)
  for (const member of moving) put(member)
  const stop = move(moving, hz)
  await sleep(warmUpSeconds(isWarm, seconds, warmUp) * 1_000)
  const found = await measure(server, members, moving, seconds, stop)
  leave(members)
  return found
}
