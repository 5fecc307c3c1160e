import { existsSync } from 'node:fs'
import { isRoot } from './browser.mjs'
import { run } from './processes.mjs'

// Debian keeps nginx where only root looks.
const env = { PATH: `${process.env.PATH}:/usr/sbin` }

async function isThere() {
  const found = await Promise.all([
    run('nginx', ['-v'], { quiet: true, env }),
    run('openssl', ['version'], { quiet: true }),
  ])
  return found.every(({ code }) => code === 0)
}

/** Sees to it that the tests of what stands before a server find nginx; where it cannot be had, they are skipped. */
export const nginxStep = {
  name: 'nginx for the tests',
  async run() {
    if (await isThere()) return { code: 0 }
    if (isRoot && existsSync('/usr/bin/apt-get')) {
      console.log('Fetching a web server for the tests (apt-get install nginx openssl)')
      const quietly = { quiet: true, env: { DEBIAN_FRONTEND: 'noninteractive' } }
      await run('apt-get', ['update', '-q'], quietly)
      await run('apt-get', ['install', '-qy', '--no-install-recommends', 'nginx', 'openssl'], quietly)
      if (await isThere()) return { code: 0, note: 'by apt-get' }
    }
    return { code: 0, note: 'none here, so what needs it is skipped; Debian: apt-get install nginx openssl' }
  },
}
