import { expect, serving, Tab, test } from './fixtures.ts'

test('[L4] a reload is one leave and one join, and leaves no ghost', async ({ openTab }) => {
  const ada = await openTab('Ada')
  const grace = await openTab('Grace')
  await expect(ada.member('Grace')).toBeVisible()
  const counts = await ada.watchCounts()
  await grace.page.reload()
  await expect.poll(counts).toEqual([1, 2])
  await expect(ada.member('Grace').getByTestId('tab-count')).toHaveCount(0)
})

test('[U2] [A1] a duplicated tab is another client of the same user; neither takes the other away', async ({
  openTab,
}) => {
  const ada = await openTab('Ada')
  const grace = await openTab('Grace')
  const opening = grace.page.waitForEvent('popup')
  await grace.page.evaluate(() => void window.open(window.location.href))
  const twin = new Tab(await opening)
  await expect(ada.member('Grace').getByTestId('tab-count')).toHaveAttribute('data-count', '2')
  await expect(twin.names).toHaveCount(2)
  await twin.close()
  await expect(ada.member('Grace').getByTestId('tab-count')).toHaveCount(0)
  await expect(grace.status).toHaveAttribute('data-status', 'connected')
  await expect(ada.member('Grace')).toBeVisible()
})

test('[L2] [L5] a page that stands still behind a dialog is gone after a while, and present again by itself when it runs', async ({
  openTab,
  server,
}) => {
  // Pings every second, so that what takes half a minute elsewhere is seen within a test.
  await server.stop()
  await server.start(serving({ heldTtlMinMs: 2_000, graceMs: 1_000 }))
  const ada = await openTab('Ada')
  const grace = await openTab('Grace')
  await expect(ada.member('Grace')).toBeVisible()
  const asked = grace.page.waitForEvent('dialog')
  await grace.page.evaluate(() => void setTimeout(() => alert('Nothing runs until you answer.')))
  const dialog = await asked
  await expect(ada.names).toHaveCount(1, { timeout: 10_000 })
  await dialog.accept()
  await expect(ada.member('Grace')).toBeVisible()
  await expect(grace.member('Ada')).toBeVisible()
  await expect(ada.member('Grace').getByTestId('tab-count')).toHaveCount(0)
})
