import { setTimeout as sleep } from 'node:timers/promises'
import type { PeerName } from '../peers/names.ts'
import type { SteadyScenario } from '../scenarios.ts'
import { withServer } from '../server-handle.ts'
import { connectSwarm, move, put, quiet } from '../swarm.ts'
import { measure } from './measure.ts'
import type { Measures } from './measures.ts'

// The engine compiles what is called often in the first seconds, and that is no cost of a server that runs for days.
const warmUpDefault = 2.5

/** Everybody moves at one pace. */
export function runSteady(peer: PeerName, scenario: SteadyScenario): Promise<Measures> {
  return withServer(peer, async (server) => {
    const { rooms, perRoom, listens = true, movers = perRoom, hz, seconds, warmUp = warmUpDefault } = scenario
    const members = await connectSwarm({ peer, port: server.port, rooms, perRoom, listens })
    const moving = members.slice(0, movers * rooms)
    for (const member of moving) put(member)
    await quiet(members, 200, 5_000)
    const stop = move(moving, hz)
    await sleep(Math.min(warmUp, seconds * 4) * 1_000)
    return measure(server, members, moving, seconds, stop)
  })
}
