import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test as base, type Browser, type BrowserContext, type Locator, type Page } from '@playwright/test'
import { freePort } from '../world/free-port.ts'

const bin = fileURLToPath(new URL('../../packages/server/bin/presence-server.mjs', import.meta.url))
const demo = fileURLToPath(new URL('../../apps/demo/dist', import.meta.url))

/** The program that serves the demo, on a free port of this machine. */
class DemoServer {
  readonly port: number
  readonly #directory = mkdtempSync(join(tmpdir(), 'presence-e2e-'))
  #process: ChildProcess | null = null

  constructor(port: number) {
    this.port = port
  }

  get url(): string {
    return `http://localhost:${this.port}`
  }

  async start(env: Record<string, string> = {}): Promise<void> {
    const file = join(this.#directory, 'presence.db')
    const child = spawn(process.execPath, [bin, '--port', String(this.port), '--db', file, '--static', demo], {
      env: { PATH: process.env['PATH'], PRESENCE_LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#process = child
    await once(child.stdout, 'data')
  }

  /** Starts anew with options that no variable sets. */
  async restartWith(options: Record<string, unknown>): Promise<void> {
    const config = join(this.#directory, 'presence.config.mjs')
    writeFileSync(config, `export default ${JSON.stringify(options)}\n`)
    await this.stop()
    await this.start({ PRESENCE_CONFIG: config })
  }

  async stop(): Promise<void> {
    const child = this.#process
    this.#process = null
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }

  async end(): Promise<void> {
    await this.stop()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

/** One tab of the demo, in the words of a visitor. */
export class Tab {
  readonly page: Page
  /** The names in the list of who is online. */
  readonly names: Locator
  readonly typing: Locator
  readonly board: Locator
  readonly status: Locator

  constructor(page: Page) {
    this.page = page
    this.names = page.getByTestId('member')
    this.typing = page.getByTestId('typing')
    this.board = page.getByTestId('board')
    this.status = page.getByTestId('connection-status')
  }

  member(name: string): Locator {
    return this.page.locator(`[data-testid="member"][data-name="${name}"]`)
  }

  /** The others' cursors on the board. */
  get cursors(): Locator {
    return this.board.locator('[data-client-id]')
  }

  async movePointer(x: number, y: number): Promise<void> {
    const box = await this.board.boundingBox()
    if (!box) throw new Error('the board is not there')
    await this.page.mouse.move(box.x + box.width * x, box.y + box.height * y)
  }

  async type(text: string): Promise<void> {
    await this.page.getByTestId('message-input').pressSequentially(text)
  }

  /** From now on notes, from inside the page, every number of names that the list comes to have. */
  async watchCounts(): Promise<() => Promise<number[]>> {
    await this.page.evaluate(() => {
      const count = () => document.querySelectorAll('[data-testid="member"]').length
      const counts: number[] = []
      let last = count()
      const note = () => {
        const now = count()
        if (now !== last) counts.push(now)
        last = now
      }
      new MutationObserver(note).observe(document.body, { childList: true, subtree: true })
      Object.assign(window, { memberCounts: counts })
    })
    return () => this.page.evaluate(() => (window as unknown as { memberCounts: number[] }).memberCounts)
  }

  /** Closes the tab as a person does: the page hears of it. */
  async close(): Promise<void> {
    await this.page.close({ runBeforeUnload: true })
  }
}

interface Fixtures {
  readonly server: DemoServer
  /** Opens the demo as somebody, in a browser window of their own. */
  readonly openTab: (
    name: string,
    options?: { room?: string; context?: BrowserContext; browser?: Browser },
  ) => Promise<Tab>
}

export const test = base.extend<Fixtures>({
  // Playwright reads the pattern to know what a fixture needs.
  // oxlint-disable-next-line no-empty-pattern
  server: async ({}, provide) => {
    const server = new DemoServer(await freePort())
    // A short grace, so that what waits for it is seen within a test.
    await server.start({ PRESENCE_GRACE_MS: '2000' })
    await provide(server)
    await server.end()
  },
  openTab: async ({ browser, server }, provide) => {
    const opened: BrowserContext[] = []
    await provide(async (name, { room = 'atelier', context, browser: other = browser } = {}) => {
      const window = context ?? (await other.newContext())
      if (!context) opened.push(window)
      const page = await window.newPage()
      await page.goto(`${server.url}/?room=${room}&name=${name}`)
      const tab = new Tab(page)
      await tab.member(name).waitFor()
      return tab
    })
    for (const window of opened) await window.close()
  },
})

export { expect } from '@playwright/test'
