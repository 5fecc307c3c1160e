import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'

const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0

/** Whether server and generator have a core each. */
export const isPinned = canPin

/** Starts a Node program with a channel to us, on one core where the system can do that. */
export function startPinned(
  core: 0 | 1,
  file: URL,
  args: readonly string[],
  nodeFlags: readonly string[] = [],
): ChildProcess {
  const node = [process.execPath, ...nodeFlags, file.pathname, ...args] as const
  const [command, ...rest] = canPin ? (['taskset', '-c', String(core), ...node] as const) : node
  return spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}
