// One peer's server, alone in its process. It answers the questions of the generator that started it.
import { Worker } from 'node:worker_threads'
import { watchLoopDelay } from './loop-delay.ts'
import type { PeerName } from './peers/names.ts'
import { servers } from './peers/servers.ts'
import { createProfiler, profileVariable } from './profiler.ts'
import type { Question } from './server-handle.ts'

const [name = '', port = '0', folder = '.', meterPath = ''] = process.argv.slice(2)
const { serve } = await servers[name as PeerName]()
const served = await serve({ port: Number(port), folder })
const delay = watchLoopDelay()
const profiler = createProfiler(process.env[profileVariable])
const meter = new Worker(new URL('./meter-worker.js', import.meta.url), { workerData: meterPath })
await new Promise((resolve) => meter.once('message', resolve))

// Without its generator a server has nothing to do.
process.on('disconnect', () => process.exit(0))
process.on('message', ({ id, question }: { id: number; question: Question }) => {
  void answer(question).then((value) => process.send?.({ id, value }))
})
process.send?.({ id: 0, value: { port: served.port } })

async function answer(question: Question): Promise<Record<string, number>> {
  switch (question) {
    case 'start':
      await profiler.start()
      served.measures?.()
      delay.reset()
      return {}
    case 'end': {
      const found = { stallP99Ms: delay.p99Ms(), stallMaxMs: delay.maxMs(), ...served.measures?.() }
      await profiler.stop()
      return found
    }
    case 'memory':
      // Twice: the first may only have begun what the second finds.
      globalThis.gc?.()
      globalThis.gc?.()
      return { rss: process.memoryUsage.rss(), heap: process.memoryUsage().heapUsed }
    case 'close':
      await served.close()
      return {}
  }
}
