import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './processes.mjs'

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
const stamp = join(root, 'node_modules', '.installed')

/** What decides whether an install is still good: the lockfile, and the Node that native code was built for. */
function wanted() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  return createHash('sha256').update(lock).update(process.versions.modules).update(process.arch).digest('hex')
}

const opensSqlite = () =>
  run(process.execPath, ['-e', "new (require('better-sqlite3'))(':memory:').close()"], {
    quiet: true,
    cwd: join(root, 'packages/server'),
  })

const sqliteHelp =
  'better-sqlite3 could not be built here. Install a compiler (Debian, Ubuntu: apt-get install python3 make g++; macOS: xcode-select --install), then try again.'

/** Makes sure that what the lockfile names is installed and runs here. */
export async function ensureInstalled() {
  const now = wanted()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return

  if (!existsSync(join(root, 'node_modules', '.package-lock.json'))) await cleanInstall()
  else if ((await run(npm, ['ls', '--all'], { quiet: true })).code !== 0) await cleanInstall()

  if ((await opensSqlite()).code !== 0) {
    console.log('Building better-sqlite3 for this Node (about a minute)')
    const { code, output } = await run(npm, ['rebuild', 'better-sqlite3'], { quiet: true })
    if (code !== 0 || (await opensSqlite()).code !== 0) {
      console.error(output.slice(-4_000))
      throw new Error(sqliteHelp)
    }
  }
  writeFileSync(stamp, now)
}

async function cleanInstall() {
  console.log('Installing dependencies (npm ci, a minute or two the first time)')
  const { code, output } = await run(npm, ['ci', '--no-audit', '--no-fund'], { quiet: true })
  if (code === 0) return
  const lines = output.split('\n').filter((line) => !line.startsWith('npm warn'))
  console.error([...lines.slice(0, 20), ...lines.slice(20).slice(-20)].join('\n').trimEnd())
  throw new Error(/gyp ERR!|better-sqlite3 install/.test(output) ? sqliteHelp : 'npm ci failed; the reason is above.')
}
