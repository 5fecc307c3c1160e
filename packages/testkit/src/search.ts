import fc from 'fast-check'

/** What a search runs. */
interface Commands {
  readonly commands: readonly unknown[]
}

/** What a search has come to. */
export interface Found<Scenario> {
  readonly seed: number
  readonly commands: number
  readonly scenarios: number
  /** The shortest scenario that fails, and why; undefined when none did. */
  readonly failure?: { readonly scenario: Scenario; readonly error: unknown }
}

export interface SearchOptions {
  readonly seed: number
  readonly isEnough: (sofar: { readonly commands: number; readonly scenarios: number }) => boolean
}

/** So many scenarios share one seed of fast-check; the next lot has the next one. */
const lot = 50
// A scenario takes milliseconds, but there are many ways to make one shorter.
const shrinkMaxMs = 40_000

/** Runs scenarios until it is enough, or until one fails: then it looks for the shortest that does. */
export async function search<Scenario extends Commands>(
  scenarios: fc.Arbitrary<Scenario>,
  run: (scenario: Scenario) => Promise<void>,
  { seed: firstSeed, isEnough }: SearchOptions,
): Promise<Found<Scenario>> {
  const sofar = { commands: 0, scenarios: 0 }
  let seed = firstSeed
  for (; !isEnough(sofar); seed++) {
    const property = fc.asyncProperty(scenarios, async (scenario) => {
      sofar.scenarios++
      sofar.commands += scenario.commands.length
      await run(scenario)
    })
    const details = await fc.check(property, { seed, numRuns: lot, interruptAfterTimeLimit: shrinkMaxMs })
    if (!details.failed) continue
    const [scenario] = details.counterexample ?? []
    if (!scenario) throw new Error('A lot of scenarios took longer than all of them should.')
    return { seed, ...sofar, failure: { scenario, error: details.errorInstance } }
  }
  return { seed: firstSeed, ...sofar }
}

/** A source of chance that says the same for the same seed (a linear congruential one is good enough). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
