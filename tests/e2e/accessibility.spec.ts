import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'

const axe = createRequire(import.meta.url).resolve('axe-core')

/** What axe finds wrong with the page, in words that say where. */
async function faults(page: Page): Promise<readonly string[]> {
  await page.addScriptTag({ path: axe })
  const { violations } = (await page.evaluate('window.axe.run()')) as AxeResults
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help} in ${html}`))
}

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
