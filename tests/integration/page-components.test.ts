// @vitest-environment jsdom
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createElement, type ComponentType } from 'react'
import { createRoot } from 'react-dom/client'
import { createPresenceClient } from '@app/client'
import { expect, onTestFinished, test, vi } from 'vitest'
import { fences } from './pages.ts'
import { root, serve } from './script.ts'

/*
 * The components of the pages for people, each of them in a page of its own, with somebody else in its room.
 */

const soon = { timeout: 10_000 }
const folder = join(root, 'test-results', 'page-components')

interface Visit {
  readonly page: () => string
  readonly click: () => void
  /** Puts what somebody else says into a room. */
  readonly puts: (room: string, data: unknown) => void
  /** What somebody else sees in a room. */
  readonly seen: (room: string) => unknown[]
}

/** What must be seen, for each page. */
const visits: Readonly<Record<string, (visit: Visit) => Promise<void>>> = {
  'docs/coming-from/liveblocks.md': async ({ page, click, puts, seen }) => {
    await expect.poll(page, soon).toBe('0 others are busy')
    puts('pr:review', { status: 'busy' })
    await expect.poll(page, soon).toBe('1 others are busy')
    click()
    await expect.poll(() => seen('pr:review'), soon).toEqual([{ status: 'busy' }, { status: 'busy' }])
  },
  'docs/coming-from/instant.md': async ({ page, click, puts }) => {
    await expect.poll(page, soon).toContain('0 others are here. I am calm.')
    puts('pr:chat-7', { mood: 'wild' })
    puts('pr:chat-7/typing', true)
    await expect.poll(page, soon).toContain('1 others are here.')
    await expect.poll(page, soon).toContain('Grace is typing')
    click()
    await expect.poll(page, soon).toContain('I am merry.')
  },
  'docs/coming-from/ably-spaces.md': async ({ page, click, puts }) => {
    await expect.poll(page, soon).toContain('Slide 1, with nobody')
    puts('pr:slides', { slide: 2 })
    click()
    await expect.poll(page, soon).toContain('Slide 2, with Grace')
  },
}

test('each page with a component of its own is visited', () => {
  const pages = fences.filter(({ page, info }) => page.startsWith('docs/coming-from/') && info === 'tsx')
  expect(pages.map(({ page }) => page).sort()).toEqual(Object.keys(visits).sort())
})

test.each(Object.entries(visits))('%s: its component does what it says', async (path, visit) => {
  const fence = fences.find(({ page, info }) => page === path && info === 'tsx')
  const url = await serve()
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${path.replace(/\.md$/, '').replaceAll('/', '-')}.tsx`)
  writeFileSync(file, (fence?.code ?? '').replaceAll('http://localhost:4400', url))
  const { App } = (await import(file)) as { App: ComponentType }

  const complaints = vi.spyOn(console, 'error')
  const container = document.body.appendChild(document.createElement('div'))
  const grace = createPresenceClient({ url, user: { id: 'grace', name: 'Grace' } })
  const page = createRoot(container)
  onTestFinished(() => {
    page.unmount()
    grace.close()
    complaints.mockRestore()
  })
  page.render(createElement(App))
  await visit({
    page: () => container.textContent,
    click: () => container.querySelector('button')?.click(),
    puts: (room, data) => void grace.presence(room).track(data),
    seen: (room) => [...grace.presence(room).value().values()].map(({ data }) => data),
  })
  expect(complaints).not.toHaveBeenCalled()
})
