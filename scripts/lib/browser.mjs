import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from './processes.mjs'
import { tool } from './tools.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

// A closed network may swallow the download instead of refusing it.
const downloadLimitMs = 180_000

export const isRoot = process.getuid?.() === 0

/** A Chromium that is already on this machine, if there is one. */
export function findChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(canRun)
}

function canRun(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function hasPlaywrightsOwn() {
  const { chromium } = await import('@playwright/test')
  return existsSync(chromium.executablePath())
}

/** Makes sure that there is a browser for the tests; resolves with a word about where it came from. */
async function ensureBrowser() {
  const found = findChromium()
  if (found) return found
  if (await hasPlaywrightsOwn()) return "Playwright's own"

  console.log("Fetching a browser for the tests (Playwright's own)")
  const download = await run(tool('playwright'), ['install', 'chromium'], { quiet: true, timeoutMs: downloadLimitMs })
  if (download.code === 0) return "Playwright's own"

  if (isRoot && existsSync('/usr/bin/apt-get')) {
    console.log('Fetching a browser for the tests (apt-get install chromium)')
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    await run('apt-get', ['update', '-q'], { quiet: true, env })
    await run('apt-get', ['install', '-qy', '--no-install-recommends', 'chromium'], { quiet: true, env })
    const installed = findChromium()
    if (installed) return installed
  }
  throw new Error(
    'No browser for the tests: install Chromium so that `chromium` is on the PATH (Debian: apt-get install chromium).',
  )
}

/** A step that makes sure of it. */
export const browserStep = {
  name: 'browser for the tests',
  async run() {
    try {
      return { code: 0, note: await ensureBrowser() }
    } catch (error) {
      return { code: 1, output: error.message }
    }
  },
}
