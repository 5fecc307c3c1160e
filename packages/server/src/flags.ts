import type { Complaints } from './complaints.ts'

/** One flag of a command. */
export interface Flag {
  readonly flag: string
  /** What stands for its value in the help; undefined for a switch. */
  readonly value?: string | undefined
  /** What may say it instead. */
  readonly variable?: string | undefined
  readonly help: string
}

/** What flags were given, and what else. */
export interface Given {
  readonly flags: Readonly<Record<string, string | true | undefined>>
  readonly words: readonly string[]
}

const short: Readonly<Record<string, string>> = { '-h': '--help', '-v': '--version' }

/** Reads the words of a command line; of a flag that is given twice, the last counts. Complains of what it does not know. */
export function readFlags(args: readonly string[], known: readonly Flag[], complaints: Complaints): Given {
  const flags: Record<string, string | true> = {}
  const words: string[] = []
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') words.push(...rest.splice(0))
    else if (!arg.startsWith('-') || isNumber(arg)) words.push(arg)
    else {
      const [, name = arg, inline] = /^([^=]+)=(.*)$/s.exec(short[arg] ?? arg) ?? [arg, short[arg] ?? arg]
      const found = known.find(({ flag }) => name === `--${flag}`)
      if (!found) {
        complaints.add(`Unknown option '${name}'. See presence-server --help.`)
        // Most likely its value, and perhaps a secret, which is not to be repeated.
        if (inline === undefined && rest[0] !== undefined && !isFlag(rest[0])) rest.shift()
      } else if (found.value === undefined) {
        if (inline !== undefined) complaints.add(`${name} takes no value.`)
        flags[found.flag] = true
      } else {
        const next = inline ?? (rest[0] === undefined || isFlag(rest[0]) ? undefined : rest.shift())
        if (next === undefined) complaints.add(`${name} wants a value: ${name} ${found.value}.`)
        else flags[found.flag] = next
      }
    }
  }
  return { flags, words }
}

function isFlag(arg: string): boolean {
  return arg.startsWith('-') && !isNumber(arg)
}

function isNumber(arg: string): boolean {
  return /^-\d/.test(arg)
}
