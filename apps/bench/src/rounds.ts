import { once } from 'node:events'
import { join } from 'node:path'
import { playThrough, type Act } from './acts.ts'
import type { Flags } from './flags.ts'
import { peerNames, type PeerName } from './peers/names.ts'
import { startPinned } from './pinned.ts'
import { profileVariable } from './profiler.ts'
import type { Rounds } from './report.ts'
import type { Measures } from './runs/measures.ts'
import type { Scenario } from './scenarios.ts'
import { openFolder } from './write-results.ts'

// No scenario takes half of it; one that hangs must not take the others with it.
const scenarioMaxMs = 90_000

/** What each peer found in each scenario of an act, round by round. */
export async function runRounds(
  act: Act,
  peersOf: (scenario: Scenario) => readonly PeerName[],
  { rounds, quick, profile, out }: Flags,
): Promise<ReadonlyMap<Scenario, Rounds>> {
  const found = new Map(
    act.map((scenario) => [scenario, new Map<PeerName, Measures[]>(peersOf(scenario).map((peer) => [peer, []]))]),
  )
  const playPart = async (peer: PeerName, round: number): Promise<void> => {
    const part = act.filter((scenario) => found.get(scenario)?.has(peer))
    const measures = await playThrough(
      part,
      (rest) => generate(peer, rest, quick, profile && rest[0] ? profileFile(out, rest[0], peer) : undefined),
      ({ name }) => {
        console.error(
          `${name} against ${peer} failed; the reason is above, or it took over ${scenarioMaxMs / 1_000} s.`,
        )
        process.exitCode = 1
      },
    )
    for (const [index, scenario] of part.entries()) {
      const runs = found.get(scenario)?.get(peer)
      if (runs) runs[round] = measures[index] ?? {}
    }
  }
  for (let round = 0; round < rounds; round++) {
    // Those who do nothing do not stand in each other's way: each has but a twentieth of a core to do.
    if (act.every(({ kind }) => kind === 'idle')) await Promise.all(peerNames.map((peer) => playPart(peer, round)))
    else for (const peer of peerNames) await playPart(peer, round)
  }
  return found
}

/** Lets a load generator play, and gives what it found of the scenarios that it got through. */
async function generate(
  peer: PeerName,
  scenarios: Act,
  isQuick: boolean,
  profile: string | undefined,
): Promise<readonly Measures[]> {
  if (profile !== undefined) process.env[profileVariable] = profile
  const names = scenarios.map(({ name }) => name)
  const child = startPinned(1, new URL('./load-process.js', import.meta.url), [
    peer,
    isQuick ? 'quick' : 'full',
    ...names,
  ])
  const timer = setTimeout(() => child.kill('SIGKILL'), scenarioMaxMs)
  const found: Measures[] = []
  child.on('message', (measures: Measures) => {
    found.push(measures)
    timer.refresh()
  })
  await once(child, 'exit')
  clearTimeout(timer)
  return found
}

/** Each round writes over the one before. */
export function profileFile(out: string | undefined, { name }: Scenario, peer: PeerName): string {
  return join(openFolder(out), `${name}-${peer}.cpuprofile`)
}
