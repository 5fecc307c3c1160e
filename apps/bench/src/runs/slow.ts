import { setTimeout as sleep } from 'node:timers/promises'
import type { PeerName } from '../peers/names.ts'
import type { SlowScenario } from '../scenarios.ts'
import { withServer } from '../server-handle.ts'
import { connectSwarm, move, put } from '../swarm.ts'
import { measure } from './measure.ts'
import type { Measures } from './measures.ts'

// Heavy enough that what the kernel holds for a reader that hangs is full within seconds.
const note = 'n'.repeat(1_500)

/** One client hangs and reads nothing: what do the others feel, and what does the server keep for it? */
export function runSlow(peer: PeerName, { perRoom, hz, seconds }: SlowScenario): Promise<Measures> {
  return withServer(peer, async (server) => {
    const members = await connectSwarm({ peer, port: server.port, rooms: 1, perRoom, listens: true })
    for (const member of members) put(member, note)
    const slow = members.at(-1)
    const others = members.slice(0, -1)
    const stop = move(others, hz, note)
    await sleep(1_000)
    const before = await measure(server, others, others, seconds)
    const memoryBefore = await server.ask('memory')
    slow?.client.freeze()
    // By now nothing more fits into the kernel's buffers.
    await sleep(seconds * 1_000)
    const during = await measure(server, others, others, seconds)
    const memoryAfter = await server.ask('memory')
    stop()
    return {
      ...during,
      p50BeforeMs: before['p50Ms'] ?? 0,
      p99BeforeMs: before['p99Ms'] ?? 0,
      p99AddedMs: (during['p99Ms'] ?? 0) - (before['p99Ms'] ?? 0),
      keptMegabytes: ((memoryAfter?.['rss'] ?? 0) - (memoryBefore?.['rss'] ?? 0)) / 1e6,
    }
  })
}
