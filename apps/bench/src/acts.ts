import type { Measures } from './runs/measures.ts'
import { sharesServer, type Scenario } from './scenarios.ts'

/** Scenarios that a peer goes through one after the other, in one round, before the next peer does. */
export type Act = readonly Scenario[]

/**
 * Neighbours that can share a server make an act: it starts and becomes warm once, which takes longer than measuring
 * does. `isApart`: none shares anything.
 */
export function intoActs(scenarios: readonly Scenario[], isApart: boolean): readonly Act[] {
  const acts: Scenario[][] = []
  for (const scenario of scenarios) {
    const last = acts.at(-1)
    if (last && !isApart && [...last, scenario].every(sharesServer)) last.push(scenario)
    else acts.push([scenario])
  }
  return acts
}

/**
 * Plays an act to its end. `play` gives what it found of the scenarios that it got through; where it ended too early, that
 * one leaves its place empty and the rest is played anew.
 */
export async function playThrough(
  act: Act,
  play: (rest: Act) => Promise<readonly Measures[]>,
  onFailure: (failed: Scenario) => void,
): Promise<readonly Measures[]> {
  const found: Measures[] = []
  while (found.length < act.length) {
    found.push(...(await play(act.slice(found.length))))
    const failed = act[found.length]
    if (!failed) break
    onFailure(failed)
    found.push({})
  }
  return found
}
