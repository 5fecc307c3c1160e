import type { ModelScenario } from '@app/testkit'
import { forgetBroken } from './broken.ts'
import { ListenerError } from './client.ts'
import { perform } from './perform.ts'
import { settle } from './settle.ts'
import { World } from './world.ts'

const surfaced: unknown[] = []
// Where the client lets the application's own errors surface (P10).
globalThis.reportError = (error: unknown) => void surfaced.push(error)

/** Lives one scenario through; throws the first promise that is not kept. */
export async function run({ seed, commands }: ModelScenario): Promise<void> {
  forgetBroken()
  const world = new World(seed)
  for (const command of commands) {
    await perform(world, command)
    await world.check()
  }
  await settle(world)
  const other = surfaced.splice(0).find((error) => !(error instanceof ListenerError))
  if (other instanceof Error) throw other
  if (other !== undefined) throw new Error('a listener threw no error', { cause: other })
}
