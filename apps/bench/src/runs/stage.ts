import { setTimeout as sleep } from 'node:timers/promises'
import type { PeerName } from '../peers/names.ts'
import type { ServerHandle } from '../server-handle.ts'

/** A server, and whether another scenario was played on it before. */
export interface Stage {
  readonly peer: PeerName
  readonly server: ServerHandle
  readonly isWarm: boolean
}

// The engine compiles what is called often in the first seconds, and that is no cost of a server that runs for days.
const warmUpDefault = 1.8
// What is left to do for a server that is warm: what only this scenario calls, and the storm of those who came.
const warmShare = 1 / 3

/** The seconds before the time that counts. A scenario that takes no time does not warm up for long either. */
export function warmUpSeconds(isWarm: boolean, seconds: number, whole = warmUpDefault): number {
  return Math.min(isWarm ? whole * warmShare : whole, seconds * 4)
}

// Even a drowned server is through with what the clients of a scenario have left to it by then.
const calmMaxMs = 15_000
const goneMs = 100

/** Waits until the server has noticed that all have gone, and has collected what they left. */
export async function clear(server: ServerHandle): Promise<void> {
  await sleep(goneMs)
  if (!(await server.ask('memory', calmMaxMs))) throw new Error(`The server does not answer after ${calmMaxMs} ms.`)
}
