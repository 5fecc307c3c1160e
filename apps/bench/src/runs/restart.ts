import { setTimeout as sleep } from 'node:timers/promises'
import type { PeerName } from '../peers/names.ts'
import type { RestartScenario } from '../scenarios.ts'
import { startServer, withFolder } from '../server-handle.ts'
import { percentile } from '../statistics.ts'
import { enter, stillness, wholeAtMs, type Newcomer } from './crowd.ts'
import type { Measures } from './measures.ts'

/**
 * The server stops as an operator stops it and starts anew on the same port and file. Its clients come back at a random
 * time within the window that it announced. The window is counted from the moment when the new server listens: how long a
 * program takes to start is another question, and an attempt before that only fails.
 */
export function runRestart(peer: PeerName, { rooms, perRoom }: RestartScenario): Promise<Measures> {
  return withFolder(async (folder) => {
    const first = await startServer(peer, { folder })
    const { port } = first
    let lost = 0
    const crowd: Newcomer[] = []
    const total = rooms * perRoom
    for (let from = 0; from < total; from += 40) {
      const some = Array.from({ length: Math.min(40, total - from) }, (_, i) => from + i)
      crowd.push(
        ...(await Promise.all(some.map((index) => enter({ peer, port, rooms, onClose: () => void lost++ }, index)))),
      )
    }
    await sleep(500)
    await first.ask('close', 10_000)
    await first.kill()
    const windowMs = Math.max(...crowd.map(({ client }) => client.windowMs ?? 0))

    const second = await startServer(peer, { folder, port })
    try {
      await second.ask('start')
      const startedAtMs = performance.now()
      const back: Newcomer[] = []
      await Promise.all(
        crowd.map(async (_, index) => {
          await sleep(Math.random() * windowMs)
          back.push(await enter({ peer, port, rooms }, index))
        }),
      )
      await stillness(() => back, 500, 5_000)
      const told = await second.ask('end')
      const whole = await wholeAtMs(peer, back)
      const wholeMs = percentile(whole, 1) - startedAtMs
      return {
        ...told,
        lost,
        windowMs,
        wholeMs,
        afterWindowMs: wholeMs - windowMs,
        whole: (whole.filter(Number.isFinite).length / total) * 100,
      }
    } finally {
      await second.kill()
    }
  })
}
