import { parseArgs } from 'node:util'
import { PresenceError } from '@app/protocol'
import { settings, type Setting, type Settings } from './settings.ts'

/** What the program was told, before anything was checked. */
export interface Said {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly settings: Settings }

type Flags = Readonly<Record<string, string | boolean | undefined>>

/** Reads flags, then variables, then the config file: the first that says something counts. Throws `bad-options`. */
export async function readCommand({ args, env }: Said, loadConfig: LoadConfig): Promise<Command> {
  const flags = readFlags(args)
  if (flags['help'] === true) return { kind: 'help' }
  if (flags['version'] === true) return { kind: 'version' }
  const asked = flags['config'] ?? nonEmpty(env['PRESENCE_CONFIG'])
  const config = await loadConfig(typeof asked === 'string' ? asked : undefined)
  return { kind: 'run', settings: merge(flags, env, config) }
}

/** A config file's options by name, and what to call it; an empty one when there is no file and none was asked for. */
export type LoadConfig = (
  asked: string | undefined,
) => Promise<{ readonly name: string; readonly options: Readonly<Record<string, unknown>> }>

function readFlags(args: readonly string[]): Flags {
  const kinds = Object.fromEntries(
    settings.flatMap((setting) =>
      setting.flag ? [[setting.flag, { type: setting.kind === 'switch' ? 'boolean' : 'string' } as const]] : [],
    ),
  )
  const more = {
    config: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
  } as const
  try {
    return parseArgs({ args: [...args], options: { ...kinds, ...more }, strict: true, allowPositionals: false }).values
  } catch (error) {
    const sentence = (error as Error).message.split(/\n|\. (?=[A-Z])/, 1)[0]?.replace(/\.$/, '')
    throw new PresenceError('bad-options', `${sentence}. See presence-server --help.`, { cause: error })
  }
}

function merge(
  flags: Flags,
  env: Said['env'],
  config: { readonly name: string; readonly options: Readonly<Record<string, unknown>> },
): Settings {
  const known = new Set(settings.map((setting) => setting.name))
  const merged: Record<string, unknown> = {}
  for (const setting of settings) {
    const found = find(setting, flags, env, config)
    if (found) merged[setting.name] = setting.read(found.value, found.name)
  }
  for (const [name, value] of Object.entries(config.options)) {
    // What only a config file can say, such as auth, is checked by createPresenceServer.
    if (!known.has(name)) merged[name] = value
  }
  return merged
}

function find(
  { flag, variable, name }: Setting,
  flags: Flags,
  env: Said['env'],
  config: { readonly name: string; readonly options: Readonly<Record<string, unknown>> },
): { readonly value: unknown; readonly name: string } | undefined {
  const said = flag === undefined ? undefined : flags[flag]
  if (said !== undefined) return { value: said, name: `--${flag}` }
  const set = nonEmpty(env[variable])
  if (set !== undefined) return { value: set, name: variable }
  const chosen = config.options[name]
  return chosen === undefined ? undefined : { value: chosen, name: `${name} in ${config.name}` }
}

// An empty variable is how compose files and shells say "not set".
function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}
