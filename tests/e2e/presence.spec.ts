import { chromium, type Page } from '@playwright/test'
import { expect, serving, test } from './fixtures.ts'

test('[P1] [S1] who arrives is seen by everyone, and sees everyone', async ({ openTab }) => {
  const ada = await openTab('Ada')
  await expect(ada.names).toHaveCount(1)
  const grace = await openTab('Grace')
  await expect(ada.member('Grace')).toBeVisible()
  await expect(grace.member('Ada')).toBeVisible()
  await expect(ada.names).toHaveCount(2)
})

test("the other's cursor moves where they move it, and goes when they leave the board", async ({ openTab }) => {
  const ada = await openTab('Ada')
  const grace = await openTab('Grace')
  await grace.movePointer(0.25, 0.5)
  await expect(ada.cursors).toHaveCount(1)
  const centre = async () => {
    const [cursor, board] = [await ada.cursors.boundingBox(), await ada.board.boundingBox()]
    if (!cursor || !board) return null
    return Math.round(((cursor.x - board.x) / board.width) * 100)
  }
  await expect.poll(centre).toBe(25)
  await grace.movePointer(0.75, 0.5)
  await expect.poll(centre).toBe(75)
  await grace.page.mouse.move(1, 1)
  await expect(ada.cursors).toHaveCount(0)
})

test('typing shows, and goes away by itself', async ({ openTab }) => {
  const ada = await openTab('Ada')
  const grace = await openTab('Grace')
  await grace.type('hello')
  await expect(ada.typing).toContainText('Grace')
  await expect(grace.typing).not.toContainText('Grace')
  await expect(ada.typing).not.toContainText('Grace', { timeout: 10_000 })
})

for (const isBlocked of [false, true]) {
  const where = isBlocked ? 'also where no WebSocket gets through' : 'not when its lease ends'
  test(`[L4] a closed tab is gone at once, ${where}`, async ({ openTab, server }) => {
    // Whoever is only lost would stay for the whole of this grace.
    await server.stop()
    await server.start(serving({ graceMs: 25_000 }))
    const prepare = (page: Page) => page.routeWebSocket(/socket\.io/, (socket) => void socket.close())
    const ada = await openTab('Ada')
    const grace = await openTab('Grace', isBlocked ? { prepare } : {})
    await expect(ada.member('Grace')).toBeVisible()
    await grace.close()
    // A request takes its time on a busy machine.
    await expect(ada.names).toHaveCount(1, { timeout: isBlocked ? 10_000 : 2_000 })
  })
}

test('[L2] [L5] a browser that is killed is gone within its lease and a second', async ({ openTab, playwright }) => {
  test.slow()
  const ada = await openTab('Ada')
  const { executablePath, args } = test.info().project.use.launchOptions ?? {}
  const launched = await playwright.chromium.launchServer({
    ...(executablePath && { executablePath }),
    args: args ?? [],
  })
  const browser = await chromium.connect(launched.wsEndpoint())
  await openTab('Grace', { browser })
  await expect(ada.member('Grace')).toBeVisible()
  await launched.kill()
  await expect(ada.names).toHaveCount(1, { timeout: 31_000 })
})

test('[R2] [R4] after a restart both tabs see the room empty, then full again, without a reload', async ({
  openTab,
  server,
}) => {
  const ada = await openTab('Ada')
  const grace = await openTab('Grace')
  await expect(ada.names).toHaveCount(2)
  const counts = await Promise.all([ada, grace].map((tab) => tab.watchCounts()))
  await server.stop()
  await expect(ada.status).toHaveAttribute('data-status', 'reconnecting')
  await server.start(serving())
  for (const tab of [ada, grace]) {
    await expect(tab.status).toHaveAttribute('data-status', 'connected', { timeout: 15_000 })
    await expect(tab.names).toHaveCount(2, { timeout: 15_000 })
  }
  // Whoever was back first saw nobody, not even themselves; the other may have met them already.
  const seen = await Promise.all(counts.map((read) => read()))
  expect(Math.min(...seen.flat())).toBe(0)
})

test('[U2] two tabs of one user are two entries and one user, gone with the last', async ({ openTab, browser }) => {
  const ada = await openTab('Ada')
  const context = await browser.newContext()
  const first = await openTab('Grace', { context })
  const second = await openTab('Grace', { context })
  await expect(ada.names).toHaveCount(2)
  await expect(ada.member('Grace').getByTestId('tab-count')).toHaveAttribute('data-count', '2')
  await first.close()
  await expect(ada.member('Grace').getByTestId('tab-count')).toHaveCount(0)
  await expect(ada.member('Grace')).toBeVisible()
  await second.close()
  await expect(ada.names).toHaveCount(1)
  await context.close()
})

test('[P3] an entry with a lease of its own counts down and goes, without a word from anyone', async ({ openTab }) => {
  const ada = await openTab('Ada')
  const grace = await openTab('Grace')
  await grace.page.getByTestId('heartbeat-once').click()
  await expect(ada.member('Grace').getByTestId('lease')).toBeVisible()
  await expect(ada.member('Grace')).toHaveCount(0, { timeout: 12_000 })
})
