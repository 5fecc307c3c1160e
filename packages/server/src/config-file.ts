import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PresenceError } from '@app/protocol'
import type { LoadConfig } from './options.ts'

const defaultName = 'presence.config.mjs'

/** Loads the config file that was asked for, or `presence.config.mjs` of the working directory if there is one. */
export const loadConfig: LoadConfig = async (asked) => {
  const name = asked ?? defaultName
  const path = resolve(name)
  if (!existsSync(path)) {
    if (asked === undefined) return { name, isThere: false, options: {} }
    throw new PresenceError('bad-options', `The config file "${name}" does not exist (--config or PRESENCE_CONFIG).`)
  }
  const options = await importDefault(name, path)
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new PresenceError(
      'bad-options',
      `The config file "${name}" must export its options as an object: export default { port: 4400 }.`,
    )
  }
  return { name, isThere: true, options: options as Record<string, unknown> }
}

async function importDefault(name: string, path: string): Promise<unknown> {
  try {
    return ((await import(pathToFileURL(path).href)) as { default?: unknown }).default
  } catch (error) {
    const sentence = error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
    const said = `The config file "${name}" cannot be loaded: ${sentence}`
    throw new PresenceError('bad-options', isTypeScript(error) ? `${said}. ${forTypeScript}` : said, { cause: error })
  }
}

const forTypeScript =
  'Node reads TypeScript by itself from 22.18 on. With this one, import what tsc makes of it, or start the program with' +
  ' tsx: node --import tsx node_modules/@app/server/bin/presence-server.mjs'

function isTypeScript(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  return code === 'ERR_UNKNOWN_FILE_EXTENSION' && /"\.[cm]?ts"/.test(message ?? '')
}
