import type { PeerName } from './peers/names.ts'
import { isSaturated, type Measures } from './runs/measures.ts'
import type { Scenario, Target } from './scenarios.ts'
import { spread, type Spread } from './statistics.ts'

/** The rounds of one scenario: what each peer's run found, in the order of the rounds. */
export type Rounds = ReadonlyMap<PeerName, readonly Measures[]>

export interface PeerSummary {
  readonly peer: PeerName
  readonly measures: Readonly<Record<string, Spread>>
  /** In one of the rounds the generator itself was at its limit. */
  readonly isSaturated: boolean
}

export interface Verdict {
  readonly what: string
  readonly wanted: string
  readonly found: Spread
  readonly isMet: boolean
}

export interface ScenarioReport {
  readonly scenario: string
  readonly about: string
  readonly peers: readonly PeerSummary[]
  readonly verdicts: readonly Verdict[]
}

export function reportOn(scenario: Scenario, rounds: Rounds): ScenarioReport {
  const peers = [...rounds].map(([peer, runs]) => ({
    peer,
    measures: Object.fromEntries(
      [...new Set(runs.flatMap((run) => Object.keys(run)))].map((name) => [name, spread(valuesOf(runs, name))]),
    ),
    isSaturated: runs.some(isSaturated),
  }))
  const verdicts = scenario.targets.flatMap((target) => judge(target, rounds) ?? [])
  return { scenario: scenario.name, about: scenario.about, peers, verdicts }
}

function valuesOf(runs: readonly Measures[], name: string): number[] {
  return runs.flatMap((run) => run[name] ?? [])
}

/** Whether a target is met; nothing when a peer that it speaks of was not asked. */
function judge({ measure, of, per, atMost, atLeast }: Target, rounds: Rounds): Verdict | undefined {
  const runs = rounds.get(of)
  const others = per === undefined ? undefined : rounds.get(per)
  if (!runs || (per !== undefined && !others)) return undefined
  // Machines wander between rounds, so only what ran side by side is compared.
  const values = runs.flatMap((run, round) => {
    const value = run[measure]
    if (value === undefined) return []
    if (per === undefined) return value
    const other = others?.[round]?.[measure]
    return other === undefined || other === 0 ? [] : value / other
  })
  if (values.length === 0) return undefined
  const found = spread(values)
  return {
    what: per === undefined ? `${measure} of ${of}` : `${measure}, ${of} / ${per}`,
    wanted: [atMost === undefined ? '' : `≤ ${atMost}`, atLeast === undefined ? '' : `≥ ${atLeast}`].join(''),
    found,
    isMet: found.median <= (atMost ?? Infinity) && found.median >= (atLeast ?? -Infinity),
  }
}
