import { parseArgs } from 'node:util'
import { peerNames, type PeerName } from './peers/names.ts'
import { scenarios, type Scenario } from './scenarios.ts'

/** What was asked for on the command line. */
export interface Flags {
  readonly scenarios: readonly Scenario[]
  /** `undefined`: those that each scenario is about, as far as they are installed. */
  readonly peers: readonly PeerName[] | undefined
  readonly rounds: number
  readonly quick: boolean
  readonly json: boolean
  readonly profile: boolean
  readonly out: string | undefined
}

export const usage = `npm run bench -- [options]

  --scenario A,B     ${scenarios.map(({ name }) => name).join(', ')}; default: all
  --peers ours,ws    ${peerNames.join(', ')}; default: those that a scenario is about
  --rounds 3         how many interleaved rounds the medians are of
  --quick            one small round of everything: does it run at all?
  --json             print the JSON instead of the tables
  --profile          a CPU profile of each server, and its top functions; the numbers are higher for it, and each
                     scenario has servers of its own
  --out results      where results.json, tables.md and chart.svg are written`

/** Reads the flags; throws an `Error` with one line that says what is wrong with them. */
export function parseFlags(args: readonly string[]): Flags | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: 'string' },
      peers: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const names = scenarios.map(({ name }) => name)
  const wanted = values.scenario === undefined ? names : pick('scenario', values.scenario, names)
  return {
    scenarios: scenarios.filter(({ name }) => wanted.includes(name)),
    peers: values.peers === undefined ? undefined : pick('peers', values.peers, peerNames),
    rounds: roundsOf(values.rounds ?? (values.quick ? '1' : '3')),
    quick: values.quick,
    json: values.json,
    profile: values.profile,
    out: values.out,
  }
}

function pick<Choice extends string>(flag: string, text: string, choices: readonly Choice[]): readonly Choice[] {
  return text.split(',').map((name) => {
    const choice = choices.find((one) => one.toLowerCase() === name.trim().toLowerCase())
    if (choice === undefined) throw new Error(`--${flag} knows no "${name}"; it knows: ${choices.join(', ')}.`)
    return choice
  })
}

function roundsOf(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text)
  throw new Error(`--rounds is a whole number from 1 to 99, not "${text}".`)
}
