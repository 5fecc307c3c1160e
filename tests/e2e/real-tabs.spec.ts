import { setTimeout as sleep } from 'node:timers/promises'
import { bounds } from '../world/bounds.ts'
import { isLong, settings } from '../world/scale.ts'
import { holdAgainst } from '../world/truth.ts'
import { expect, serving, test, type Tab } from './fixtures.ts'
import { clampTimers, keepTicking, keepTitle, type Look } from './looks.ts'

// Each has a server and a browser of its own, and waits most of the time.
test.describe.configure({ mode: 'parallel' })

const { heldTtlMinMs, graceMs } = settings
test.use({ serverConfig: { heldTtlMinMs, graceMs } })
test.setTimeout(isLong ? 900_000 : 120_000)

// Longer than any bound.
const patienceMs = 40_000
const silentMs = bounds['tab-silent'](settings)

const shows =
  (name: string) =>
  ({ people }: Look): boolean =>
    name in people
const misses =
  (name: string) =>
  ({ people }: Look): boolean =>
    !(name in people)
const isConnected = ({ status }: Look): boolean => status === 'connected'
const isReconnecting = ({ status }: Look): boolean => status === 'reconnecting'

const ticksOf = ({ page }: Tab): Promise<number[]> =>
  page.evaluate(() => (window as unknown as { ticks: number[] }).ticks)

/** Each of the tabs sees each of them, once, and is connected; resolves with the moment from which that was so. */
async function whole(tabs: Readonly<Record<string, Tab>>, fromMs: number): Promise<number> {
  const names = Object.keys(tabs)
  const moments = Object.values(tabs).map((tab) =>
    tab.when(
      ({ people, status }) =>
        status === 'connected' &&
        Object.keys(people).length === names.length &&
        names.every((name) => people[name] === 1),
      fromMs,
      patienceMs,
    ),
  )
  return Math.max(...(await Promise.all(moments)))
}

/** Somebody comes and goes, again and again, for as long; a hidden tab sees it, and is seen all the while. */
async function staysPresent({ ada, grace, comeAndGo, forMs }: StayOptions): Promise<void> {
  const fromMs = Date.now()
  await sleep(forMs / 6)
  for (let times = 0; times < 2; times++) {
    const cameAtMs = Date.now()
    const linus = await comeAndGo()
    // Since when a tab in front shows it: Linus himself shows it before anybody can know.
    const atMs = await ada.when(shows('Linus'), cameAtMs, patienceMs)
    holdAgainst('tab-hidden-news', (await grace.when(shows('Linus'), atMs, patienceMs)) - atMs)
    await sleep(forMs / 6)
    const leftAtMs = Date.now()
    await linus.close()
    holdAgainst('tab-hidden-news', (await grace.when(misses('Linus'), leftAtMs, patienceMs)) - leftAtMs)
    await sleep(forMs / 6)
  }
  await sleep(Math.max(0, fromMs + forMs - Date.now()))
  const seen = (await ada.looksSince(fromMs)).map(({ people }) => people['Grace'])
  holdAgainst('tab-hidden', seen.filter((tabs, at) => tabs !== (at === 0 ? 1 : seen[at - 1])).length)
  // Nor was it lost and back within the grace.
  expect((await grace.looksSince(fromMs)).every(isConnected)).toBe(true)
}

interface StayOptions {
  readonly ada: Tab
  readonly grace: Tab
  readonly comeAndGo: () => Promise<Tab>
  readonly forMs: number
}

test.describe('half an hour with timers that run once a minute', () => {
  // All that is 20 s and a minute by default, at a part of it; in the short size of less than half an hour.
  const scale = isLong ? 10 : 5
  test.use({ serverConfig: { heldTtlMinMs: 20_000 / scale, graceMs: 15_000 / scale } })

  test('[L2] a tab whose timers run once a minute is present all the while, and sees who comes and goes', async ({
    openTab,
  }) => {
    const everyMs = 60_000 / scale
    const ada = await openTab('Ada')
    const grace = await openTab('Grace', {
      prepare: async (page) => {
        await page.addInitScript(clampTimers, everyMs)
        await page.addInitScript(keepTicking)
      },
    })
    await ada.when(shows('Grace'), Date.now(), patienceMs)
    const forMs = (isLong ? 1_800_000 : 190_000) / scale
    await staysPresent({ ada, grace, comeAndGo: () => openTab('Linus'), forMs })
    const gaps = (await ticksOf(grace)).map((tick, at, all) => tick - (all[at - 1] ?? 0)).slice(1)
    expect(gaps.length).toBeGreaterThan(1)
    expect(Math.min(...gaps)).toBeGreaterThan(everyMs * 0.8)
  })
})

test('[L2] a tab that Chromium itself throttles to a timer a minute is present all the while', async ({
  openTab,
  startBrowser,
  network,
}) => {
  test.skip(!isLong, 'Chromium has no shorter minute.')
  const browser = await startBrowser()
  const ada = await openTab('Ada')
  const grace = await openTab('Grace', {
    context: browser.window,
    by: network,
    prepare: async (page) => {
      await page.addInitScript(keepTicking)
      await page.addInitScript(keepTitle)
    },
  })
  await (await browser.window.newPage()).bringToFront()
  expect(await grace.page.evaluate(() => document.visibilityState)).toBe('hidden')
  // That begins when the page has been hidden for a minute.
  await expect
    .poll(async () => Date.now() - ((await ticksOf(grace)).at(-1) ?? Date.now()), { timeout: 180_000 })
    .toBeGreaterThan(20_000)
  const hiddenFromMs = Date.now()
  await staysPresent({ ada, grace, comeAndGo: () => openTab('Linus'), forMs: 180_000 })
  const ticks = (await ticksOf(grace)).filter((tick) => tick > hiddenFromMs)
  const gaps = ticks.map((tick, at) => tick - (ticks[at - 1] ?? 0)).slice(1)
  expect(gaps.length).toBeGreaterThan(1)
  expect(Math.min(...gaps)).toBeGreaterThan(55_000)
  // Nor does it wait for a minute to come back: what its socket tells is no timer.
  const cutAtMs = Date.now()
  network.cut()
  const lostAtMs = await grace.when(isReconnecting, cutAtMs, patienceMs)
  await grace.when(isConnected, lostAtMs + 1, patienceMs)
  await sleep(graceMs)
  holdAgainst('tab-hidden', (await ada.looksSince(cutAtMs)).length - 1)
})

test('[L3] [L5] a tab whose cable is pulled shows it, is gone after its lease, and comes back by itself', async ({
  openTab,
  network,
}) => {
  const ada = await openTab('Ada')
  const grace = await openTab('Grace', { by: network })
  const tabs = { Ada: ada, Grace: grace }
  await whole(tabs, Date.now())
  const pulledAtMs = Date.now()
  network.blackhole()
  holdAgainst('tab-offline-shown', (await grace.when(isReconnecting, pulledAtMs, patienceMs)) - pulledAtMs)
  const goneMs = (await ada.when(misses('Grace'), pulledAtMs, patienceMs)) - pulledAtMs
  holdAgainst('tab-silent', goneMs)
  expect(goneMs).toBeGreaterThanOrEqual(graceMs)
  const healedAtMs = Date.now()
  network.heal()
  holdAgainst('tab-return', (await whole(tabs, healedAtMs)) - healedAtMs)
})

test('[L3] [R5] a tab that is refused keeps trying, is back by itself, and sooner when the browser says that it may', async ({
  openTab,
  network,
}) => {
  const ada = await openTab('Ada')
  const grace = await openTab('Grace', { by: network })
  const tabs = { Ada: ada, Grace: grace }
  await whole(tabs, Date.now())
  for (const isTold of [true, false]) {
    const cutAtMs = Date.now()
    network.isRefusing = true
    network.cut()
    await grace.when(isReconnecting, cutAtMs, patienceMs)
    const goneMs = (await ada.when(misses('Grace'), cutAtMs, patienceMs)) - cutAtMs
    holdAgainst('tab-refused', goneMs)
    expect(goneMs).toBeGreaterThanOrEqual(graceMs - 100)
    // Until it waits for long between two attempts.
    if (!isTold) await sleep(isLong ? 60_000 : 3_000)
    if (isTold) await grace.page.context().setOffline(true)
    const healedAtMs = Date.now()
    network.heal()
    if (isTold) await grace.page.context().setOffline(false)
    const tookMs = (await whole(tabs, healedAtMs)) - healedAtMs
    holdAgainst(isTold ? 'tab-return-told' : 'tab-return', tookMs)
  }
})

test('[L4] a page that is kept for the back button for longer than its socket would live is back by itself', async ({
  openTab,
  startBrowser,
  server,
}) => {
  const browser = await startBrowser()
  const ada = await openTab('Ada')
  const grace = await openTab('Grace', { context: browser.window })
  await whole({ Ada: ada, Grace: grace }, Date.now())
  const openedAtMs = Date.now()
  await grace.page.goto(`${server.url}/healthz`)
  holdAgainst('gone-closed', (await ada.when(misses('Grace'), openedAtMs, patienceMs)) - openedAtMs)
  await sleep(silentMs)
  // What nobody could tell it: who shows it is whole again, and does not only show what it did before.
  const barbara = await openTab('Barbara')
  const backAtMs = Date.now()
  await grace.page.evaluate(() => history.back())
  holdAgainst('tab-kept', (await ada.when(shows('Grace'), backAtMs, patienceMs)) - backAtMs)
  await whole({ Ada: ada, Grace: grace, Barbara: barbara }, backAtMs)
  expect((await grace.looks())[0]?.atMs).toBeLessThan(openedAtMs)
})

test('[L3] [L5] a tab whose renderer is killed is gone after the grace, and one entry when it is reloaded', async ({
  openTab,
  startBrowser,
}) => {
  const browser = await startBrowser()
  const ada = await openTab('Ada')
  const grace = await openTab('Grace', { context: browser.window })
  await whole({ Ada: ada, Grace: grace }, Date.now())
  const crashing = grace.page.waitForEvent('crash')
  const session = await browser.window.newCDPSession(grace.page)
  // Nobody is left to answer.
  session.send('Page.crash').catch(() => {})
  await crashing
  const atMs = Date.now()
  holdAgainst('tab-crashed', (await ada.when(misses('Grace'), atMs, patienceMs)) - atMs)
  const reloadedAtMs = Date.now()
  // Playwright has given the page up.
  await session.send('Page.reload')
  await ada.when(shows('Grace'), reloadedAtMs, patienceMs)
  expect((await ada.looksSince(reloadedAtMs)).at(-1)?.people).toEqual({ Ada: 1, Grace: 1 })
})

test('[L2] [L5] a tab that the browser freezes is gone after its lease, and back by itself when it runs', async ({
  openTab,
  startBrowser,
}) => {
  const browser = await startBrowser()
  const ada = await openTab('Ada')
  const grace = await openTab('Grace', { context: browser.window })
  await whole({ Ada: ada, Grace: grace }, Date.now())
  await (await browser.window.newPage()).bringToFront()
  const session = await browser.window.newCDPSession(grace.page)
  const frozenAtMs = Date.now()
  await session.send('Page.setWebLifecycleState', { state: 'frozen' })
  holdAgainst('tab-silent', (await ada.when(misses('Grace'), frozenAtMs, patienceMs)) - frozenAtMs)
  const barbara = await openTab('Barbara')
  const wokenAtMs = Date.now()
  await session.send('Page.setWebLifecycleState', { state: 'active' })
  holdAgainst('tab-wake', (await whole({ Ada: ada, Grace: grace, Barbara: barbara }, wokenAtMs)) - wokenAtMs)
})

test('[L5] a laptop that sleeps is gone after its lease, and whole again by itself when it wakes', async ({
  openTab,
  startBrowser,
  network,
}) => {
  const browser = await startBrowser()
  const ada = await openTab('Ada')
  const grace = await openTab('Grace', { context: browser.window, by: network })
  const linus = await openTab('Linus', { context: browser.window, by: network })
  const tabs = { Ada: ada, Grace: grace, Linus: linus }
  await whole(tabs, Date.now())
  const asleepAtMs = Date.now()
  browser.pause()
  // The last that comes through is a ping, for most of those who sleep; what the server says later is lost, and its goodbye
  // too, which it says 0.4 of the lease after that ping.
  await sleep(heldTtlMinMs * 0.35)
  for (const connection of network.connections) connection.hold()
  for (const name of ['Grace', 'Linus'])
    holdAgainst('tab-silent', (await ada.when(misses(name), asleepAtMs, patienceMs)) - asleepAtMs)
  await sleep(isLong ? asleepAtMs + 120_000 - Date.now() : 2_000)
  const barbara = await openTab('Barbara')
  const awakeAtMs = Date.now()
  browser.resume()
  holdAgainst('tab-wake', (await whole({ ...tabs, Barbara: barbara }, awakeAtMs)) - awakeAtMs)
})

const names = ['Ada', 'Grace', 'Linus', 'Edsger', 'Barbara']

for (const { restart, ends, rules } of [
  { restart: 'fresh', ends: ['kill', 'stop', 'kill'], rules: '[R2] [R4] [R5]' },
  { restart: 'resume', ends: ['stop', 'kill', 'kill'], rules: '[R3] [R4] [R5]' },
] as const) {
  test.describe(`restart: ${restart}`, () => {
    test.use({ serverConfig: { heldTtlMinMs, graceMs, restart } })

    test(`${rules} five tabs are whole after three restarts in a row that are ${restart}`, async ({
      openTab,
      startBrowser,
      server,
      serverConfig,
    }) => {
      // Four of the five are hidden, as those of a window are.
      const browser = await startBrowser()
      const tabs: Record<string, Tab> = {}
      for (const name of names) tabs[name] = await openTab(name, { context: browser.window })
      const fromMs = await whole(tabs, Date.now())
      for (const end of ends) {
        await server[end]()
        await server.start(serving(serverConfig))
        // Some are back by now, and some are not.
        await Promise.race(Object.values(tabs).map((tab) => tab.when(isConnected, Date.now(), patienceMs)))
      }
      const atMs = Date.now()
      holdAgainst('tab-restart', (await whole(tabs, atMs)) - atMs)
      for (const tab of Object.values(tabs)) {
        const looks = await tab.looksSince(fromMs)
        expect(looks.some(isReconnecting)).toBe(true)
        expect(looks.every(({ people }) => Object.values(people).every((count) => count === 1))).toBe(true)
        // The page is the one that was there before.
        expect((await tab.looks())[0]?.atMs).toBeLessThan(fromMs)
        if (restart === 'resume')
          holdAgainst('tab-resume-missing', looks.filter((look) => !names.every((name) => shows(name)(look))).length)
      }
    })
  })
}
