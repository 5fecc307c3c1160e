import fc from 'fast-check'
import type { ModelScenario } from './commands.ts'

/** What a search found. */
export interface Found {
  readonly commands: number
  readonly scenarios: number
  /** The shortest scenario that fails, and why; undefined when none did. */
  readonly failure?: { readonly scenario: ModelScenario; readonly seed: number; readonly error: unknown }
}

export interface SearchOptions {
  readonly seed: number
  /** Goes on until so many commands have been run. */
  readonly commandsMin: number
}

// So many scenarios share one seed of fast-check; the next lot has the next one.
const lot = 50

/** Runs scenarios until one fails, then looks for the shortest that does. */
export async function search(
  scenarios: fc.Arbitrary<ModelScenario>,
  run: (scenario: ModelScenario) => Promise<void>,
  { seed, commandsMin }: SearchOptions,
): Promise<Found> {
  let commands = 0
  let lots = 0
  for (; commands < commandsMin; lots++) {
    const property = fc.asyncProperty(scenarios, async (scenario) => {
      commands += scenario.commands.length
      await run(scenario)
    })
    const details = await fc.check(property, {
      seed: seed + lots,
      numRuns: lot,
      interruptAfterTimeLimit: 40_000,
      markInterruptAsFailure: false,
    })
    if (!details.failed) continue
    const [scenario] = details.counterexample ?? []
    if (!scenario) throw new Error('fast-check found a failure without an example')
    return {
      commands,
      scenarios: lots * lot + details.numRuns,
      failure: { scenario, seed: seed + lots, error: details.errorInstance },
    }
  }
  return { commands, scenarios: lots * lot }
}

/** A source of chance that says the same for the same seed (a linear congruential one is good enough). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
