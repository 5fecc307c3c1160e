import { PresenceError } from '@app/protocol'
import type { Access } from './admin-client.ts'
import { checkHost } from './admission.ts'
import { commandNames, commands, type CommandName } from './commands.ts'
import { Complaints } from './complaints.ts'
import type { PresenceConfig } from './config.ts'
import type { TokenGrant } from './create-token.ts'
import { readFlags, type Given } from './flags.ts'
import { checkOptions, optionNames } from './server-options.ts'
import { settings, wholeNumber, type Setting } from './settings.ts'
import { grantOf } from './token-command.ts'

/** What the program was told, before anything was checked. */
export interface Said {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

export type Command =
  | { readonly kind: 'help'; readonly of: CommandName }
  | { readonly kind: 'version' }
  | { readonly kind: 'run' | 'check'; readonly settings: PresenceConfig; readonly config: string | undefined }
  | { readonly kind: 'token'; readonly grant: TokenGrant; readonly secret: string; readonly claims: TokenClaims }
  | { readonly kind: 'rooms'; readonly access: Access; readonly query: RoomsAsked; readonly isJson: boolean }
  | { readonly kind: 'kick'; readonly access: Access; readonly kick: Kick }

/** Who has made a token, and for whom. */
export interface TokenClaims {
  readonly iss?: string
  readonly aud?: string
}

export interface RoomsAsked {
  readonly prefix: string | undefined
  readonly tenant: string | undefined
}

export interface Kick {
  readonly key: string
  readonly clientId: number
  readonly banMs: number | undefined
  readonly tenant: string | undefined
}

/**
 * Reads flags, then variables, then the config file: the first that says something counts. Throws `bad-options` with a line
 * for each thing that is wrong.
 */
export async function readCommand({ args, env }: Said, loadConfig: LoadConfig): Promise<Command> {
  const [first = ''] = args
  const named = commandNames.find((each) => each === first)
  const name = named ?? 'run'
  const complaints = new Complaints()
  const { flags, words } = readFlags(named ? args.slice(1) : args, commands[name].flags, complaints)
  if (flags['help'] === true) return { kind: 'help', of: name }
  if (flags['version'] === true) return { kind: 'version' }
  if (name !== 'kick') for (const word of words) complaints.add(strange(word, named))
  const asked = flags['config'] ?? nonEmpty(env['PRESENCE_CONFIG'])
  const config = await loadConfig(typeof asked === 'string' ? asked : undefined)
  const said: Sources = { flags, env, config }
  const command = commandOf(name, words, said, complaints)
  complaints.end()
  return command
}

/** A config file's options by name, and what to call it; an empty one when there is no file and none was asked for. */
export type LoadConfig = (asked: string | undefined) => Promise<Config>

interface Config {
  readonly name: string
  readonly isThere: boolean
  readonly options: Readonly<Record<string, unknown>>
}

interface Sources {
  readonly flags: Given['flags']
  readonly env: Said['env']
  readonly config: Config
}

function commandOf(name: CommandName, words: Given['words'], said: Sources, complaints: Complaints): Command {
  const { flags, config } = said
  const text = (flag: string): string | undefined => (typeof flags[flag] === 'string' ? flags[flag] : undefined)
  switch (name) {
    case 'run':
    case 'check':
      return { kind: name, settings: merge(said, complaints), config: config.isThere ? config.name : undefined }
    case 'token':
      return {
        kind: 'token',
        grant: complaints.hear(() => grantOf(flags)),
        secret: complaints.hear(() => wanted('jwtSecret', said, 'There is no secret to sign a token with')),
        claims: complaints.hear(() => claimsOf(said)),
      }
    case 'rooms':
      return {
        kind: 'rooms',
        access: accessOf(said, complaints),
        query: { prefix: text('prefix'), tenant: text('tenant') },
        isJson: flags['json'] === true,
      }
    case 'kick':
      return {
        kind: 'kick',
        access: accessOf(said, complaints),
        kick: {
          ...complaints.hear(() => kicked(words)),
          tenant: text('tenant'),
          banMs: complaints.hear(() => banOf(text('ban-ms'))),
        },
      }
  }
}

function kicked(words: readonly string[]): Pick<Kick, 'key' | 'clientId'> {
  const [key, clientId = ''] = words
  if (words.length === 2 && key !== undefined && /^-?\d{1,16}$/.test(clientId))
    return { key, clientId: Number(clientId) }
  throw bad('kick wants a room and the number of a client: presence-server kick pr:board 4711.')
}

function banOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : (wholeNumber(0, Number.MAX_SAFE_INTEGER)(text, '--ban-ms') as number)
}

function accessOf(said: Sources, complaints: Complaints): Access {
  return {
    url: complaints.hear(() => urlOf(said)),
    adminToken: complaints.hear(() => wanted('adminToken', said, 'There is no admin token to show the server')),
  }
}

function urlOf({ flags, env }: Sources): string {
  const name = flags['url'] === undefined ? 'PRESENCE_URL' : '--url'
  const said = flags['url'] ?? nonEmpty(env['PRESENCE_URL']) ?? 'http://localhost:4400'
  const url = typeof said === 'string' && URL.canParse(said) ? new URL(said) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === '')
    return url.href.replace(/\/$/, '')
  throw bad(`${name} cannot be used; wanted: where a server is, such as https://presence.example.`)
}

function merge({ flags, env, config }: Sources, complaints: Complaints): PresenceConfig {
  const known = new Set(settings.map((setting) => setting.name))
  const merged: Record<string, unknown> = {}
  const names: Record<string, string> = {}
  for (const setting of settings) {
    const found = complaints.hear(() => find(setting, { flags, env, config }))
    if (!found) continue
    merged[setting.name] = complaints.hear(() => setting.read(found.value, found.name))
    names[setting.name] = found.name
  }
  // What only a config file can say, such as auth.
  const own: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(config.options)) {
    if (known.has(name)) continue
    if (optionNames.includes(name)) own[name] = value
    else complaints.add(`The config file "${config.name}" has an option "${name}", which there is not.`)
  }
  complaints.hear(() => checkOwn(own, config.name))
  Object.assign(merged, own)
  if (own['auth'] !== undefined) names['auth'] = `auth in ${config.name}`
  complaints.hear(() => checkOneWay(names))
  const { host, open } = merged as PresenceConfig
  const mode = (names['auth'] ?? names['jwtSecret'] ?? names['jwksUrl']) ? 'auth' : open ? 'open' : 'loopback'
  if (host !== undefined) complaints.hear(() => checkHost(mode, host))
  return merged
}

function checkOwn(options: Readonly<Record<string, unknown>>, file: string): void {
  try {
    checkOptions(options)
  } catch (error) {
    if (error instanceof PresenceError) throw bad(error.message.replaceAll(/^/gm, `${file}: `))
    throw error
  }
}

/** Who a client is is said in one way: of two, one would be ignored without a word. `names` are what was said, where. */
function checkOneWay({ auth, jwtSecret, jwksUrl, jwtIssuer, jwtAudience }: Readonly<Record<string, string>>): void {
  const [first, second] = [jwtSecret, jwksUrl, auth].filter((name) => name !== undefined)
  if (second !== undefined) throw bad(`${first} and ${second} both say who a client is; wanted: one of them.`)
  const part = jwtIssuer ?? jwtAudience
  if (part !== undefined && jwtSecret === undefined && jwksUrl === undefined)
    throw bad(`${part} is set, but no tokens are read; wanted: PRESENCE_JWT_SECRET or PRESENCE_JWKS_URL beside it.`)
}

/** A secret that the server has, too: as it would find it. */
function wanted(name: string, said: Sources, missing: string): string {
  const value = told(name, said)
  if (value !== undefined) return value
  const { variable } = settingOf(name)
  throw bad(`${missing}: set ${variable}, or ${name} in ${said.config.name}, to the server's.`)
}

/** What a server that is told the same checks tokens for: one without it would be refused there. */
function claimsOf(said: Sources): TokenClaims {
  const [iss, aud] = [told('jwtIssuer', said), told('jwtAudience', said)]
  return { ...(iss !== undefined && { iss }), ...(aud !== undefined && { aud }) }
}

function told(name: string, said: Sources): string | undefined {
  const setting = settingOf(name)
  const found = find(setting, { ...said, flags: {} })
  return found && (setting.read(found.value, found.name) as string)
}

function settingOf(name: string): Setting {
  return settings.find((each) => each.name === name) as Setting
}

function find(
  { flag, variable, name, isNeverEmpty }: Setting,
  { flags, env, config }: Sources,
): { readonly value: unknown; readonly name: string } | undefined {
  const said = flag === undefined ? undefined : flags[flag]
  if (said !== undefined) return { value: said, name: `--${flag}` }
  if (isNeverEmpty && env[variable] === '') throw bad(`${variable} is set and empty. Give it its value, or unset it.`)
  const set = nonEmpty(env[variable])
  if (set !== undefined) return { value: set, name: variable }
  const chosen = config.options[name]
  return chosen === undefined ? undefined : { value: chosen, name: `${name} in ${config.name}` }
}

// An empty variable is how compose files and shells say "not set".
function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}

function strange(word: string, command: string | undefined): string {
  if (command !== undefined) return `Unexpected '${word}'. See presence-server ${command} --help.`
  return `There is no command '${word}', only ${commandNames.join(', ')}. See presence-server --help.`
}

function bad(sentence: string): PresenceError {
  return new PresenceError('bad-options', sentence)
}

/** Variables that look like ours and are not: most likely misspelt. Those that Kubernetes sets for a service are none. */
export function strangeVariables(env: Said['env']): readonly string[] {
  const known = new Set(['PRESENCE_CONFIG', 'PRESENCE_URL', ...settings.map(({ variable }) => variable)])
  return Object.keys(env).filter(
    (name) => name.startsWith('PRESENCE_') && !known.has(name) && !/^PRESENCE_(\w+_)?(SERVICE|PORT)_/.test(name),
  )
}
