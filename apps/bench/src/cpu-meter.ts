import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

export interface CpuTime {
  readonly cpuMs: number
  readonly atMs: number
}

/** Asks a server's process for the CPU time it has had, by the operating system. */
export async function askCpuTime(path: string): Promise<CpuTime> {
  const socket = connect(path)
  await once(socket, 'connect')
  return JSON.parse(await text(socket)) as CpuTime
}

/** How many cores a process kept busy between two answers. */
export function coresBetween(before: CpuTime, after: CpuTime): number {
  return (after.cpuMs - before.cpuMs) / (after.atMs - before.atMs)
}
