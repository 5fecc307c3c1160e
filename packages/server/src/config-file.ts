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
    if (asked === undefined) return { name, options: {} }
    throw new PresenceError('bad-options', `The config file "${name}" does not exist (--config or PRESENCE_CONFIG).`)
  }
  const options = await importDefault(name, path)
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new PresenceError(
      'bad-options',
      `The config file "${name}" must export its options as an object: export default { port: 4400 }.`,
    )
  }
  return { name, options: options as Record<string, unknown> }
}

async function importDefault(name: string, path: string): Promise<unknown> {
  try {
    return ((await import(pathToFileURL(path).href)) as { default?: unknown }).default
  } catch (error) {
    const sentence = error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
    throw new PresenceError('bad-options', `The config file "${name}" cannot be loaded: ${sentence}`, { cause: error })
  }
}
