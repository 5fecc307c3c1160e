import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from '@playwright/test'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')

/** What axe finds wrong with the page, in words that say where. */
export async function faults(page: Page): Promise<readonly string[]> {
  // It is half a megabyte: once a load is enough. Not as an element, which a page's own policy may refuse.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe)
  const { violations } = (await page.evaluate("window.axe.run({ resultTypes: ['violations'] })")) as AxeResults
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help} in ${html}`))
}
