// npm run bench: act by act, every peer a round after the other.
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { intoActs, playThrough, type Act } from './acts.ts'
import { parseFlags, usage, type Flags } from './flags.ts'
import { installForeign } from './peers/foreign.ts'
import { isForeign, peerNames, type PeerName } from './peers/names.ts'
import { isPinned, startPinned } from './pinned.ts'
import { profileVariable } from './profiler.ts'
import { reportOn, type ScenarioReport } from './report.ts'
import type { Measures } from './runs/measures.ts'
import { quick as shrink, type Scenario } from './scenarios.ts'
import { printReport } from './table.ts'
import { topFunctions, type CpuProfile } from './top-functions.ts'
import { openFolder, writeResults } from './write-results.ts'

// No scenario takes half of it; one that hangs must not take the others with it.
const scenarioMaxMs = 90_000

await main()

async function main(): Promise<void> {
  let flags: Flags | 'help'
  try {
    flags = parseFlags(process.argv.slice(2))
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
    return
  }
  if (flags === 'help') return console.log(usage)

  const say = flags.json ? () => {} : (text: string) => console.log(text)
  const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`
  const pinning = isPinned ? 'server on core 0, load on core 1' : 'not pinned: numbers will wander'
  say(`${machine}; ${pinning}; medians (min–max) of ${flags.rounds} interleaved rounds`)

  const reports: ScenarioReport[] = []
  const chosen = flags.quick ? flags.scenarios.map(shrink) : flags.scenarios
  const peersOf = choosePeers(chosen, flags)
  const startedAtMs = performance.now()
  // A profile is of one scenario.
  for (const act of intoActs(chosen, flags.profile)) {
    const actStartedAtMs = performance.now()
    for (const [scenario, rounds] of await runRounds(act, peersOf, flags)) {
      if (rounds.size === 0) continue
      const report = reportOn(scenario, rounds)
      reports.push(report)
      if (flags.profile)
        for (const peer of rounds.keys()) say(`\n${printProfile(profileFile(flags.out, [scenario], peer))}`)
      say(`\n${printReport(report, scenario.columns)}`)
    }
    say(`(${act.map(({ name }) => name).join(', ')}: ${secondsSince(actStartedAtMs)} s)`)
  }
  if (reports.some(({ peers }) => peers.some(({ isSaturated }) => isSaturated)))
    say('\n* The load generator was at its limit in one of the rounds; the numbers may be its own.')

  const results = { machine, pinning, rounds: flags.rounds, quick: flags.quick, scenarios: reports }
  if (flags.json) console.log(JSON.stringify(results, null, 2))
  say(`\n${writeResults(results, flags.out)} (${secondsSince(startedAtMs)} s in all)`)
}

/** Whom to ask in a scenario: those that fit, were picked, and are installed. */
function choosePeers(
  chosen: readonly Scenario[],
  { peers, quick }: Flags,
): (scenario: Scenario) => readonly PeerName[] {
  const ofScenario = (scenario: Scenario): readonly PeerName[] => {
    if (peers) return [...scenario.peers, ...(scenario.others ?? [])].filter((name) => peers.includes(name))
    // A smoke run takes the two that matter most.
    return quick ? scenario.peers.slice(0, 2) : scenario.peers
  }
  const missing = chosen.flatMap(ofScenario).some(isForeign) ? installForeign() : undefined
  if (missing === undefined) return ofScenario
  console.error(missing)
  return (scenario) => ofScenario(scenario).filter((name) => !isForeign(name))
}

function secondsSince(startedAtMs: number): string {
  return ((performance.now() - startedAtMs) / 1_000).toFixed(0)
}

/** What each peer found in each scenario of an act, round by round. */
async function runRounds(
  act: Act,
  peersOf: (scenario: Scenario) => readonly PeerName[],
  { rounds, quick, profile, out }: Flags,
): Promise<Map<Scenario, Map<PeerName, Measures[]>>> {
  const found = new Map(
    act.map((scenario) => [scenario, new Map<PeerName, Measures[]>(peersOf(scenario).map((peer) => [peer, []]))]),
  )
  const playPart = async (peer: PeerName, round: number): Promise<void> => {
    const part = act.filter((scenario) => found.get(scenario)?.has(peer))
    const measures = await playThrough(
      part,
      (rest) => generate(peer, rest, quick, profile ? profileFile(out, rest, peer) : undefined),
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

/** Each round writes over the one before. */
function profileFile(out: string | undefined, act: Act, peer: PeerName): string {
  return join(openFolder(out), `${act.map(({ name }) => name).join('-')}-${peer}.cpuprofile`)
}

function printProfile(file: string): string {
  if (!existsSync(file)) return `${file} was not written; the server was too busy to end its profile.`
  const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile
  const lines = topFunctions(profile, 12).map(({ name, share }) => `${(share * 100).toFixed(1).padStart(5)} %  ${name}`)
  return [file, ...lines].join('\n')
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
