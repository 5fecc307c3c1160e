import { watchLoopDelay } from './loop-delay.ts'

/** What a process used of its machine since `start`. */
export interface Usage {
  /** User and system time by the operating system, in cores. */
  readonly cores: number
  readonly stallP99Ms: number
  readonly stallMaxMs: number
}

export interface UsageMeter {
  start(): void
  end(): Usage
}

export function createUsageMeter(): UsageMeter {
  const delay = watchLoopDelay()
  let cpu = process.cpuUsage()
  let startedAtMs = performance.now()
  return {
    start() {
      delay.reset()
      cpu = process.cpuUsage()
      startedAtMs = performance.now()
    },
    end() {
      const { user, system } = process.cpuUsage(cpu)
      return {
        cores: (user + system) / 1_000 / (performance.now() - startedAtMs),
        stallP99Ms: delay.p99Ms(),
        stallMaxMs: delay.maxMs(),
      }
    },
  }
}
