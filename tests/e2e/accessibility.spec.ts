import { faults } from './faults.ts'
import { expect, test, type Tab } from './fixtures.ts'

test('axe finds nothing wrong with the demo, light and dark, narrow and wide', async ({ openTab }) => {
  const ada = await openTab('Ada')
  const grace = await openTab('Grace')
  // Everything that comes and goes is there.
  await grace.page.getByTestId('heartbeat-once').click()
  await grace.movePointer(0.5, 0.5)
  await expect(ada.cursors).toHaveCount(1)
  const { page } = ada
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [390, 1440]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 900 })
      await grace.type('hello')
      await expect(ada.typing).toContainText('Grace')
      expect(await faults(page), `${colorScheme}, ${width} wide`).toEqual([])
    }
  }
})

/** On each page of the tour what somebody does there, so that all of it shows: before Ada looks, and each time she does. */
const deeds: Readonly<Record<string, (grace: Tab, ada: Tab) => Promise<void>>> = {
  board: async (grace, ada) => {
    await grace.page.getByTestId('note-orchard').click()
    await expect(ada.cursors).toHaveCount(1)
  },
  chat: async (grace, ada) => {
    await grace.type('hello')
    await grace.page.getByTestId('send').click()
    await grace.type('and')
    await expect(ada.typing).toContainText('Grace')
    await expect(ada.page.getByTestId('message')).toHaveCount(1)
  },
  form: async (grace, ada) => {
    await grace.page.getByTestId('field-notes').pressSequentially('boots')
    await expect(ada.page.getByTestId('typing-notes')).toContainText('Grace')
  },
  documents: async (grace, ada) => {
    await grace.page.getByTestId('document-brief').getByRole('link').click()
    await ada.page.getByTestId('document-brief').getByRole('link').click()
    await grace.movePointer(0.5, 0.5)
    await expect(ada.cursors).toHaveCount(1)
  },
  rtl: async (grace, ada) => {
    await grace.type('hello')
    await grace.movePointer(0.5, 0.5)
    await expect(ada.typing).toContainText('Grace')
    await expect(ada.cursors).toHaveCount(1)
  },
}

test('axe finds nothing wrong with the pages of the tour, light and dark, narrow and wide, nor do they scroll sideways', async ({
  openTab,
  server,
}) => {
  const [ada, grace] = [await openTab('Ada'), await openTab('Grace')]
  const { page } = ada
  await page.emulateMedia({ reducedMotion: 'reduce' })
  for (const [name, deed] of Object.entries(deeds)) {
    for (const { page: each } of [ada, grace]) await each.getByTestId(`to-${name}`).click()
    await deed(grace, ada)
    for (const width of [390, 1440]) {
      await page.setViewportSize({ width, height: 900 })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        expect(await faults(page), `${name}, ${colorScheme}, ${width} wide`).toEqual([])
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), name).toBeLessThanOrEqual(0)
    }
  }
  await server.stop()
  await expect(page.getByTestId('banner')).toHaveAttribute('data-state', 'reconnecting')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await faults(page), `${colorScheme}, with the banner`).toEqual([])
  }
})
