// npm run bench: act by act, every peer a round after the other.
import { existsSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { intoActs } from './acts.ts'
import { parseFlags, usage, type Flags } from './flags.ts'
import { installForeign } from './peers/foreign.ts'
import { isForeign, type PeerName } from './peers/names.ts'
import { isPinned } from './pinned.ts'
import { reportOn, type ScenarioReport } from './report.ts'
import { profileFile, runRounds } from './rounds.ts'
import { quick as shrink, type Scenario } from './scenarios.ts'
import { printReport } from './table.ts'
import { topFunctions, type CpuProfile } from './top-functions.ts'
import { writeResults } from './write-results.ts'

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
        for (const peer of rounds.keys()) say(`\n${printProfile(profileFile(flags.out, scenario, peer))}`)
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

function printProfile(file: string): string {
  if (!existsSync(file)) return `${file} was not written; the server was too busy to end its profile.`
  const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile
  const lines = topFunctions(profile, 12).map(({ name, share }) => `${(share * 100).toFixed(1).padStart(5)} %  ${name}`)
  return [file, ...lines].join('\n')
}
