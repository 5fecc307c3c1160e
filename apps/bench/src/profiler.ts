import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'

/** Where a server's process is told to write its profile; unset: it is not profiled, which costs CPU of its own. */
export const profileVariable = 'PRESENCE_BENCH_PROFILE'

export interface Profiler {
  start(): Promise<void>
  stop(): Promise<void>
}

const none: Profiler = { start: async () => {}, stop: async () => {} }

/** Watches where the time goes between `start` and `stop`, and writes it as a `.cpuprofile`. */
export function createProfiler(file: string | undefined): Profiler {
  if (file === undefined) return none
  const session = new Session()
  session.connect()
  return {
    async start() {
      await session.post('Profiler.enable')
      await session.post('Profiler.start')
    },
    async stop() {
      const { profile } = await session.post('Profiler.stop')
      writeFileSync(file, JSON.stringify(profile))
    },
  }
}
