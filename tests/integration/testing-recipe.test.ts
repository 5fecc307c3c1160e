// @vitest-environment jsdom
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, onTestFinished, test } from 'vitest'
import { fences } from './pages.ts'
import { root, runScript } from './script.ts'

/* The recipe for tests is tried: its component test is run as it stands there, and its story is shown. */

const folder = join(root, 'test-results', 'testing-recipe')

/** The snippet of the page. */
function snippet(info: string): string {
  return fences.find(({ page, info: each }) => page === 'docs/recipes/testing.md' && each === info)?.code ?? ''
}

/** Writes a file for as long as the test runs; returns its path. */
function write(name: string, text: string): string {
  const path = join(folder, name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, text)
  onTestFinished(() => rmSync(path, { force: true }))
  return path
}

test('the component test passes', async () => {
  write('Visitors.test.tsx', snippet('tsx test'))
  const config = write('vitest.config.mjs', 'export default { test: { environment: "jsdom" } }')
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const args = [vitest, 'run', '--config', config, '--root', folder, '--reporter', 'json']
  const { output } = await runScript(process.execPath, args).ended
  expect(output).toMatch(/"numPassedTests":3,"numFailedTests":0/)
}, 60_000)

test('the story shows five visitors and their cursors', async () => {
  const path = write('Board.stories.tsx', snippet('tsx story'))
  const { FiveVisitors } = (await import(/* @vite-ignore */ path)) as { FiveVisitors: { render: () => ReactNode } }
  const container = document.body.appendChild(document.createElement('div'))
  const story = createRoot(container)
  onTestFinished(() => story.unmount())
  story.render(FiveVisitors.render())
  await expect.poll(() => container.textContent).toContain('With you: Ada, Grace, Alan, Barbara, Edsger')
  await expect.poll(() => container.querySelectorAll('[data-user-id]').length).toBe(5)
})

test('CommonJS can require it', () => {
  const { createPresenceWorld } = createRequire(import.meta.url)('@app/client/testing') as {
    createPresenceWorld: unknown
  }
  expect(createPresenceWorld).toBeTypeOf('function')
})
