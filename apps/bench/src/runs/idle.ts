import { setTimeout as sleep } from 'node:timers/promises'
import { coresBetween } from '../cpu-meter.ts'
import type { PeerName } from '../peers/names.ts'
import type { IdleScenario } from '../scenarios.ts'
import { withServer } from '../server-handle.ts'
import { connectSwarm, put, quiet, type Member } from '../swarm.ts'
import { createUsageMeter } from '../usage.ts'
import type { Measures } from './measures.ts'

const settleMs = 1_000

/** Everybody is there and does nothing. Of ours they are tracked and listen; of Socket.IO they are only connected. */
export function runIdle(peer: PeerName, { rooms, perRoom, seconds }: IdleScenario): Promise<Measures> {
  return withServer(peer, async (server) => {
    const before = await server.ask('memory')
    const isTracked = peer === 'ours'
    const members = await connectSwarm({ peer, port: server.port, rooms, perRoom, listens: isTracked })
    if (isTracked) for (const member of members) put(member)
    await quiet(members, 500, 10_000)
    const after = await server.ask('memory')
    // What is left of the coming has gone by then, and the engine has put its heap in order.
    await sleep(Math.min(settleMs, seconds * 1_000))

    const generator = createUsageMeter()
    generator.start()
    const messagesBefore = countMessages(members)
    const cpuBefore = await server.cpuTime()
    await server.ask('start')
    await sleep(seconds * 1_000)
    const told = await server.ask('end')
    const cores = coresBetween(cpuBefore, await server.cpuTime())
    const own = generator.end()
    const perClient = (name: string): number => ((after?.[name] ?? 0) - (before?.[name] ?? 0)) / 1_000 / members.length
    return {
      ...told,
      cores,
      microsPerClient: (cores * 1e6) / members.length,
      messagesPerMinute: ((countMessages(members) - messagesBefore) / members.length / seconds) * 60,
      rssKilobytes: perClient('rss'),
      heapKilobytes: perClient('heap'),
      generatorCores: own.cores,
      generatorStallP99Ms: own.stallP99Ms,
    }
  })
}

function countMessages(members: readonly Member[]): number {
  return members.reduce((sum, { messages }) => sum + messages, 0)
}
