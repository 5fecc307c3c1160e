import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { TcpProxy } from '@app/testkit/tcp-proxy'
import { test as base, type Browser, type BrowserContext, type Locator, type Page } from '@playwright/test'
import { RealServer } from '../world/real-server.ts'
import { keepLooking, type Look } from './looks.ts'
import { RealBrowser } from './real-browser.ts'

const folder = fileURLToPath(new URL('../../apps/demo/dist', import.meta.url))

/** What the program is told when it serves the demo. Leases are those of the program, but for a grace that a test can see. */
export function serving(config: Readonly<Record<string, unknown>> = {}) {
  return { config: { static: folder, heldTtlMinMs: 20_000, graceMs: 2_000, ...config } }
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

  /** The connection, once it stands. */
  get connected(): Locator {
    return this.page.locator('[data-testid="connection-status"][data-status="connected"]')
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

  /** All that the page has shown since it was loaded. */
  looks(): Promise<readonly Look[]> {
    return this.page.evaluate(() => (window as unknown as { looks: Look[] }).looks)
  }

  /** What the page showed from a moment on, and what it showed then. */
  async looksSince(atMs: number): Promise<readonly Look[]> {
    const looks = await this.looks()
    const later = looks.findIndex((look) => look.atMs > atMs)
    return looks.slice(later === -1 ? -1 : Math.max(0, later - 1))
  }

  /** Resolves with the moment, `fromMs` or later, at which the page showed it so; rejects when it does not in time. */
  async when(isSo: (look: Look) => boolean, fromMs: number, withinMs: number): Promise<number> {
    const untilMs = Date.now() + withinMs
    for (;;) {
      const looks = await this.looksSince(fromMs)
      const found = looks.find(isSo)
      if (found) return Math.max(found.atMs, fromMs)
      if (Date.now() > untilMs)
        throw new Error(
          `Not shown within ${withinMs} ms: ${isSo.toString()}. Shown was ${JSON.stringify(looks.slice(-8))}`,
        )
      await sleep(50)
    }
  }

  /** From now on notes every number of names that the list comes to have. */
  async watchCounts(): Promise<() => Promise<number[]>> {
    const startedAtMs = Date.now()
    return async () => {
      const counts = (await this.looksSince(startedAtMs)).map(({ people }) => Object.keys(people).length)
      return counts.filter((count, at) => at > 0 && count !== counts[at - 1])
    }
  }

  /** Closes the tab as a person does: the page hears of it. */
  async close(): Promise<void> {
    await this.page.close({ runBeforeUnload: true })
  }
}

interface TabOptions {
  readonly room?: string
  /** A page of the tour; without one the first, which says when its visitor is in the list. */
  readonly page?: string
  readonly context?: BrowserContext
  readonly browser?: Browser
  /** The way to the server, if there is something on it. */
  readonly by?: { readonly url: string }
  /** Makes the page another one before anything runs there. */
  readonly prepare?: (page: Page) => Promise<void>
}

interface Fixtures {
  /** What its config file says; another one with `test.use`. */
  readonly serverConfig: Readonly<Record<string, unknown>>
  readonly server: RealServer
  /** A network before the server. */
  readonly network: TcpProxy
  /** Starts a browser without what Playwright does to one. */
  readonly startBrowser: () => Promise<RealBrowser>
  /** Opens the demo as somebody, in a browser window of their own. */
  readonly openTab: (name: string, options?: TabOptions) => Promise<Tab>
}

export const test = base.extend<Fixtures>({
  serverConfig: [{}, { option: true }],
  server: async ({ serverConfig }, provide) => {
    const server = await RealServer.start(serving(serverConfig))
    await provide(server)
    await server.remove()
  },
  network: async ({ server }, provide) => {
    const network = await TcpProxy.start(server.port)
    await provide(network)
    await network.close()
  },
  startBrowser: async ({ launchOptions }, provide) => {
    const started: RealBrowser[] = []
    await provide(async () => {
      const browser = await RealBrowser.start(launchOptions)
      started.push(browser)
      return browser
    })
    for (const browser of started) await browser.end()
  },
  openTab: async ({ browser, server }, provide) => {
    const opened: BrowserContext[] = []
    await provide(async (name, options = {}) => {
      const { room = 'atelier', page: asked, context, browser: other = browser, by = server, prepare } = options
      const window = context ?? (await other.newContext())
      if (!context) opened.push(window)
      const page = await window.newPage()
      await page.addInitScript(keepLooking)
      await prepare?.(page)
      await page.goto(`${by.url}/?room=${room}&name=${name}${asked === undefined ? '' : `&page=${asked}`}`)
      const tab = new Tab(page)
      await (asked === undefined ? tab.member(name) : tab.connected).waitFor()
      return tab
    })
    for (const window of opened) await window.close()
  },
})

export { expect } from '@playwright/test'
