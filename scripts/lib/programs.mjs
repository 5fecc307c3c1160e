import { existsSync } from 'node:fs'
import { isRoot } from './browser.mjs'
import { run } from './processes.mjs'

// What the tests of docs/deployment.md run, each called like its package; and how each says that it is there.
const programs = { nginx: '-v', openssl: 'version', sqlite3: '-version' }
// Debian keeps nginx where only root looks.
const env = { PATH: `${process.env.PATH}:/usr/sbin` }

async function missing() {
  const found = await Promise.all(
    Object.entries(programs).map(async ([name, word]) => [name, (await run(name, [word], { quiet: true, env })).code]),
  )
  return found.filter(([, code]) => code !== 0).map(([name]) => name)
}

/** Fetches what is missing where it can; where it cannot, what needs it is skipped. */
export const programsStep = {
  name: 'programs for the tests',
  async run() {
    const wanted = await missing()
    if (wanted.length === 0) return { code: 0 }
    if (isRoot && existsSync('/usr/bin/apt-get')) {
      console.log(`Fetching programs for the tests (apt-get install ${wanted.join(' ')})`)
      const quietly = { quiet: true, env: { DEBIAN_FRONTEND: 'noninteractive' } }
      await run('apt-get', ['update', '-q'], quietly)
      await run('apt-get', ['install', '-qy', '--no-install-recommends', ...wanted], quietly)
    }
    const left = (await missing()).join(' ')
    return { code: 0, note: left && `what needs it is skipped; Debian: apt-get install ${left}` }
  },
}
