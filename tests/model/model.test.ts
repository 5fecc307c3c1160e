import { modelScenarios, search } from '@app/testkit'
import { expect, test } from 'vitest'
import { run } from './run.ts'
import { clientCount, keys } from './world.ts'

const commandsMin = Number(process.env['MODEL_COMMANDS'] ?? 50_000)
const seed = Number(process.env['MODEL_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

test('[S4] whatever happens, the rules hold at every step and all agree in the end', async () => {
  const started = Date.now()
  const found = await search(modelScenarios(clientCount, keys.length, 100), run, { seed, commandsMin })
  console.info(`seed ${seed}: ${found.commands} commands in ${found.scenarios} scenarios, ${Date.now() - started} ms`)
  if (found.failure) {
    const { scenario, error } = found.failure
    console.info(
      `MODEL_SEED=${found.failure.seed}\n${JSON.stringify(scenario.seed)}\n${scenario.commands.map((c) => JSON.stringify(c)).join('\n')}`,
    )
    throw error
  }
  expect(found.commands).toBeGreaterThanOrEqual(commandsMin)
}, 600_000)
