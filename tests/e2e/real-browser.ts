import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type LaunchOptions } from '@playwright/test'

/**
 * Chromium as people have it. In one that Playwright starts every page believes to be in front, no timer is throttled, no
 * page is kept for the back button; in this one a tab behind another is hidden. Ended by who started it.
 */
export class RealBrowser {
  readonly #child: ChildProcess
  readonly #profile: string
  readonly #browser: Browser

  private constructor(child: ChildProcess, profile: string, browser: Browser) {
    this.#child = child
    this.#profile = profile
    this.#browser = browser
  }

  static async start({ executablePath, args = [] }: LaunchOptions = {}): Promise<RealBrowser> {
    const profile = mkdtempSync(join(tmpdir(), 'presence-browser-'))
    const own = ['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, '--disable-dev-shm-usage']
    // A process group of its own, so that all of its processes can be told at once.
    const child = spawn(executablePath ?? chromium.executablePath(), [...own, ...args, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    })
    const address = await new Promise<string>((resolve, reject) => {
      let said = ''
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        const found = /listening on (ws:\S+)/.exec(said)?.[1]
        if (found !== undefined) resolve(found)
      })
      child.once('exit', (code, signal) => reject(new Error(`Chromium ended with ${code ?? signal}:\n${said}`)))
    })
    return new RealBrowser(child, profile, await chromium.connectOverCDP(address, { noDefaults: true }))
  }

  /** Its window: what is opened here is a tab of it, and in front. */
  get window(): BrowserContext {
    const [context] = this.#browser.contexts()
    if (!context) throw new Error('The browser has no window.')
    return context
  }

  /** All of it stands still, as on a laptop that is closed. */
  pause(): void {
    this.#tellAll('SIGSTOP')
  }

  resume(): void {
    this.#tellAll('SIGCONT')
  }

  async end(): Promise<void> {
    this.#tellAll('SIGKILL')
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
    // Its last process may still be writing.
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 })
  }

  #tellAll(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#child
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal)
  }
}
