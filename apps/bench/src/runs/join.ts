import type { PeerName } from '../peers/names.ts'
import type { JoinScenario } from '../scenarios.ts'
import { withServer } from '../server-handle.ts'
import { percentile } from '../statistics.ts'
import { createUsageMeter } from '../usage.ts'
import { enter, stillness, wholeAtMs } from './crowd.ts'
import type { Measures } from './measures.ts'

/** All come in the same instant, from opening the socket on, and put one cursor each: when do all see all? */
export function runJoin(peer: PeerName, { perRoom }: JoinScenario): Promise<Measures> {
  return withServer(peer, async (server) => {
    const generator = createUsageMeter()
    await server.ask('start')
    const cpuBefore = await server.cpuTime()
    generator.start()
    const startedAtMs = performance.now()
    const crowd = await Promise.all(
      Array.from({ length: perRoom }, (_, index) => enter({ peer, port: server.port, rooms: 1 }, index)),
    )
    const connectedMs = performance.now() - startedAtMs
    await stillness(() => crowd, 500, 15_000)
    const own = generator.end()
    const cpuAfter = await server.cpuTime()
    const told = await server.ask('end')
    const whole = await wholeAtMs(peer, crowd)
    return {
      ...told,
      cpuMs: cpuAfter.cpuMs - cpuBefore.cpuMs,
      connectedMs,
      wholeP50Ms: percentile(whole, 0.5) - startedAtMs,
      wholeMs: percentile(whole, 1) - startedAtMs,
      whole: (whole.filter(Number.isFinite).length / crowd.length) * 100,
      kilobytesToJoin:
        crowd.reduce((sum, { frames }) => sum + frames.reduce((n, { frame }) => n + frame.length, 0), 0) /
        1_000 /
        crowd.length,
      generatorShare: own.cores,
    }
  })
}
