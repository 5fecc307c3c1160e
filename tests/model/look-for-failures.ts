import { modelScenarios, search } from '@app/testkit'
import { Broken } from './broken.ts'
import { run } from './run.ts'
import { clientCount, keys } from './world.ts'

// What the test command promises. Two files of it, one for each of two processors, keep it twice.
const commandsMin = 100_000
const commandsEach = 100
// The test command must say the same of the same code; `npm run model` takes another seed each time.
const seedDefault = 20_000

/** Lives random scenarios until one breaks a promise or it is enough: by MODEL_RUNS scenarios, from MODEL_SEED on. */
export async function lookForFailures(part: 0 | 1): Promise<number> {
  const runs = Number(process.env['MODEL_RUNS'] ?? 0)
  // The parts are far apart, so that they never meet.
  const seed = Number(process.env['MODEL_SEED'] ?? seedDefault) + part * 1_000_000
  const found = await search(modelScenarios(clientCount, keys.length, commandsEach), run, {
    seed,
    isEnough: ({ commands, scenarios }) => (runs > 0 ? scenarios >= runs / 2 : commands >= commandsMin),
  })
  console.info(`seed ${seed}: ${found.commands} commands in ${found.scenarios} scenarios`)
  if (!found.failure) return found.commands
  const { scenario, error } = found.failure
  const why = error instanceof Broken ? error.message : String((error as Error).stack)
  const story = scenario.commands.map((command) => `  ${JSON.stringify(command)},`).join('\n')
  throw new Error(
    `${why}\nAgain: npm run model -- --runs 100 --seed ${found.seed}\nShortest, with seed ${scenario.seed}:\n${story}`,
    { cause: error },
  )
}
