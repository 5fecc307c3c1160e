// npm run bench: every scenario against every peer, a round after the other.
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseFlags, usage, type Flags } from './flags.ts'
import { installForeign } from './peers/foreign.ts'
import { isForeign, type PeerName } from './peers/names.ts'
import { isPinned, startPinned } from './pinned.ts'
import { profileVariable } from './profiler.ts'
import { reportOn, type ScenarioReport } from './report.ts'
import type { Measures } from './runs/measures.ts'
import { quick as shrink, type Scenario } from './scenarios.ts'
import { printReport } from './table.ts'
import { topFunctions, type CpuProfile } from './top-functions.ts'
import { openFolder, writeResults } from './write-results.ts'

// No run takes half of it; one that hangs must not take the others with it.
const runMaxMs = 90_000

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
  for (const scenario of chosen) {
    const startedAtMs = performance.now()
    const asked = peersOf(scenario)
    if (asked.length === 0) continue
    const report = reportOn(scenario, await runRounds(scenario, asked, flags))
    reports.push(report)
    if (flags.profile) for (const peer of asked) say(`\n${printProfile(profileFile(flags.out, scenario, peer))}`)
    say(`\n${printReport(report, scenario.columns)}\n(${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s)`)
  }
  if (reports.some(({ peers }) => peers.some(({ isSaturated }) => isSaturated)))
    say('\n* The load generator was at its limit in one of the rounds; the numbers may be its own.')

  const results = { machine, pinning, rounds: flags.rounds, quick: flags.quick, scenarios: reports }
  if (flags.json) console.log(JSON.stringify(results, null, 2))
  say(`\n${writeResults(results, flags.out)}`)
}

/** Whom to ask in a scenario: those that fit, were picked, and are installed. */
function choosePeers(
  chosen: readonly Scenario[],
  { peers, quick }: Flags,
): (scenario: Scenario) => readonly PeerName[] {
  const ofScenario = (scenario: Scenario): readonly PeerName[] => {
    if (peers) return scenario.peers.filter((name) => peers.includes(name))
    // A smoke run takes the two that matter most.
    return quick ? scenario.peers.slice(0, 2) : scenario.peers
  }
  const missing = chosen.flatMap(ofScenario).some(isForeign) ? installForeign() : undefined
  if (missing === undefined) return ofScenario
  console.error(missing)
  return (scenario) => ofScenario(scenario).filter((name) => !isForeign(name))
}

async function runRounds(
  scenario: Scenario,
  asked: readonly PeerName[],
  { rounds, quick, profile, out }: Flags,
): Promise<Map<PeerName, Measures[]>> {
  const found = new Map<PeerName, Measures[]>(asked.map((peer) => [peer, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [peer, runs] of found)
      runs[round] = await runOnce(peer, scenario, quick, profile ? profileFile(out, scenario, peer) : undefined)
  }
  return found
}

/** Each round writes over the one before. */
function profileFile(out: string | undefined, { name }: Scenario, peer: PeerName): string {
  return join(openFolder(out), `${name}-${peer}.cpuprofile`)
}

function printProfile(file: string): string {
  if (!existsSync(file)) return `${file} was not written; the server was too busy to end its profile.`
  const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile
  const lines = topFunctions(profile, 12).map(({ name, share }) => `${(share * 100).toFixed(1).padStart(5)} %  ${name}`)
  return [file, ...lines].join('\n')
}

/** A run that fails leaves its place empty; the others go on. */
async function runOnce(
  peer: PeerName,
  { name }: Scenario,
  isQuick: boolean,
  profile: string | undefined,
): Promise<Measures> {
  if (profile !== undefined) process.env[profileVariable] = profile
  const child = startPinned(1, new URL('./load-process.js', import.meta.url), [peer, name, isQuick ? 'quick' : 'full'])
  const timer = setTimeout(() => child.kill('SIGKILL'), runMaxMs)
  let measures: Measures | undefined
  child.on('message', (message: Measures) => (measures = message))
  await once(child, 'exit')
  clearTimeout(timer)
  if (measures) return measures
  console.error(`${name} against ${peer} failed; the reason is above, or it took over ${runMaxMs / 1_000} s.`)
  process.exitCode = 1
  return {}
}
