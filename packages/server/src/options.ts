import { parseArgs, type ParseArgsConfig } from 'node:util'
import { PresenceError } from '@app/protocol'
import type { TokenGrant } from './create-token.ts'
import { optionNames } from './server-options.ts'
import { settings, type Setting, type Settings } from './settings.ts'
import { grantOf, tokenFlags } from './token-command.ts'

/** What the program was told, before anything was checked. */
export interface Said {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly settings: Settings }
  | { readonly kind: 'token'; readonly grant: TokenGrant; readonly secret: string }

type Flags = Readonly<Record<string, string | boolean | undefined>>

/** Reads flags, then variables, then the config file: the first that says something counts. Throws `bad-options`. */
export async function readCommand({ args, env }: Said, loadConfig: LoadConfig): Promise<Command> {
  const isToken = args[0] === 'token'
  const flags = isToken ? readFlags(args.slice(1), flagsOfToken) : readFlags(args, flagsOfServer)
  if (flags['help'] === true) return { kind: 'help' }
  if (flags['version'] === true) return { kind: 'version' }
  const asked = flags['config'] ?? nonEmpty(env['PRESENCE_CONFIG'])
  const config = await loadConfig(typeof asked === 'string' ? asked : undefined)
  if (isToken) return { kind: 'token', grant: grantOf(flags), secret: findSecret(env, config) }
  return { kind: 'run', settings: merge(flags, env, config) }
}

/** A config file's options by name, and what to call it; an empty one when there is no file and none was asked for. */
export type LoadConfig = (asked: string | undefined) => Promise<Config>

interface Config {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
}

type FlagKinds = NonNullable<ParseArgsConfig['options']>

const flagsOfBoth: FlagKinds = {
  config: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
}

const flagsOfServer: FlagKinds = { ...flagsOfBoth }
for (const { flag, kind } of settings)
  if (flag !== undefined) flagsOfServer[flag] = { type: kind === 'switch' ? 'boolean' : 'string' }

const flagsOfToken: FlagKinds = { ...flagsOfBoth }
for (const { flag } of tokenFlags) flagsOfToken[flag] = { type: 'string' }

function readFlags(args: readonly string[], options: FlagKinds): Flags {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values as Flags
  } catch (error) {
    const sentence = (error as Error).message.split(/\n|\. (?=[A-Z])/, 1)[0]?.replace(/\.$/, '')
    throw new PresenceError('bad-options', `${sentence}. See presence-server --help.`, { cause: error })
  }
}

function merge(flags: Flags, env: Said['env'], config: Config): Settings {
  const known = new Set(settings.map((setting) => setting.name))
  const merged: Record<string, unknown> = {}
  const names: Record<string, string> = {}
  for (const setting of settings) {
    const found = find(setting, flags, env, config)
    if (!found) continue
    merged[setting.name] = setting.read(found.value, found.name)
    names[setting.name] = found.name
  }
  for (const [name, value] of Object.entries(config.options)) {
    if (known.has(name)) continue
    if (!optionNames.includes(name)) {
      const sentence = `The config file "${config.name}" has an option "${name}", which there is not.`
      throw new PresenceError('bad-options', sentence)
    }
    // What only a config file can say, such as auth, is checked by createPresenceServer.
    merged[name] = value
  }
  if (merged['auth'] !== undefined) names['auth'] = `auth in ${config.name}`
  checkOneWay(names)
  return merged
}

/** Who a client is is said in one way: of two, one would be ignored without a word. `names` are what was said, where. */
function checkOneWay({ auth, jwtSecret, jwksUrl, jwtIssuer, jwtAudience }: Readonly<Record<string, string>>): void {
  const [first, second] = [jwtSecret, jwksUrl, auth].filter((name) => name !== undefined)
  if (second !== undefined)
    throw new PresenceError('bad-options', `${first} and ${second} both say who a client is; wanted: one of them.`)
  const part = jwtIssuer ?? jwtAudience
  if (part !== undefined && jwtSecret === undefined && jwksUrl === undefined) {
    throw new PresenceError(
      'bad-options',
      `${part} is set, but no tokens are read; wanted: PRESENCE_JWT_SECRET or PRESENCE_JWKS_URL beside it.`,
    )
  }
}

/** What tokens are signed with: what the server checks them with. */
function findSecret(env: Said['env'], config: Config): string {
  const setting = settings.find(({ name }) => name === 'jwtSecret')
  const found = setting && find(setting, {}, env, config)
  if (found) return setting.read(found.value, found.name) as string
  throw new PresenceError(
    'bad-options',
    `There is no secret to sign a token with: set PRESENCE_JWT_SECRET, or jwtSecret in ${config.name}, to the server's.`,
  )
}

function find(
  { flag, variable, name, isNeverEmpty }: Setting,
  flags: Flags,
  env: Said['env'],
  config: Config,
): { readonly value: unknown; readonly name: string } | undefined {
  const said = flag === undefined ? undefined : flags[flag]
  if (said !== undefined) return { value: said, name: `--${flag}` }
  if (isNeverEmpty && env[variable] === '')
    throw new PresenceError('bad-options', `${variable} is set and empty. Give it its value, or unset it.`)
  const set = nonEmpty(env[variable])
  if (set !== undefined) return { value: set, name: variable }
  const chosen = config.options[name]
  return chosen === undefined ? undefined : { value: chosen, name: `${name} in ${config.name}` }
}

// An empty variable is how compose files and shells say "not set".
function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}

/** Variables that look like ours and are not: most likely misspelt. Those that Kubernetes sets for a service are none. */
export function strangeVariables(env: Said['env']): readonly string[] {
  const known = new Set(['PRESENCE_CONFIG', ...settings.map(({ variable }) => variable)])
  return Object.keys(env).filter(
    (name) => name.startsWith('PRESENCE_') && !known.has(name) && !/^PRESENCE_(\w+_)?(SERVICE|PORT)_/.test(name),
  )
}
