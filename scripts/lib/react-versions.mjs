import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './processes.mjs'

/*
 * Earlier versions of React are installed apart, each with what has to find it and no other: a second React beside the first
 * is what hooks cannot bear.
 */

const versions = [17, 18]
const folderOf = (version) => join(root, 'packages/react/versions', String(version))
const modulesOf = (version) => join(folderOf(version), 'node_modules')

/** Where Vitest finds React, and what depends on it, in another version. */
export function reactAliases(version) {
  return ['react', 'react-dom', '@testing-library/react'].map((name) => ({
    find: new RegExp(`^${name}(?=/|$)`),
    replacement: join(modulesOf(version), name),
  }))
}

/** Makes sure that they are there. */
export async function ensureReactVersions() {
  for (const version of versions) {
    const lock = readFileSync(join(folderOf(version), 'package-lock.json'), 'utf8')
    const stamp = join(modulesOf(version), '.installed')
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) continue
    // What npm tells its scripts about the project would make it install there.
    const env = Object.fromEntries(
      Object.keys(process.env).flatMap((key) => (/^npm_/i.test(key) ? [[key, undefined]] : [])),
    )
    const { code, output } = await run(
      'npm',
      ['ci', '--no-workspaces', '--ignore-scripts', '--no-audit', '--no-fund'],
      {
        quiet: true,
        cwd: folderOf(version),
        env,
      },
    )
    if (code !== 0) return { code, output }
    writeFileSync(stamp, lock)
  }
  return { code: 0 }
}
