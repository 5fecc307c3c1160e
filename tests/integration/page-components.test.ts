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
  readonly find: (selector: string) => HTMLElement
  /** Puts what somebody else says into a room. */
  readonly puts: (room: string, data: unknown) => void
  /** What somebody else sees in a room. */
  readonly seen: (room: string) => unknown[]
}

/** What must be seen, for each page. */
const visits: Readonly<Record<string, (visit: Visit) => Promise<void>>> = {
  'docs/coming-from/liveblocks.md': async ({ page, find, puts, seen }) => {
    await expect.poll(page, soon).toBe('0 others are busy')
    puts('pr:review', { status: 'busy' })
    await expect.poll(page, soon).toBe('1 others are busy')
    find('button').click()
    await expect.poll(() => seen('pr:review'), soon).toEqual([{ status: 'busy' }, { status: 'busy' }])
  },
  'docs/coming-from/instant.md': async ({ page, find, puts }) => {
    await expect.poll(page, soon).toContain('0 others are here. I am calm.')
    puts('pr:chat-7', { mood: 'wild' })
    puts('pr:chat-7/typing', true)
    await expect.poll(page, soon).toContain('1 others are here.')
    await expect.poll(page, soon).toContain('Grace is typing')
    find('button').click()
    await expect.poll(page, soon).toContain('I am merry.')
  },
  'docs/coming-from/ably-spaces.md': async ({ page, find, puts }) => {
    await expect.poll(page, soon).toContain('Slide 1, with nobody')
    puts('pr:slides', { slide: 2 })
    find('button').click()
    await expect.poll(page, soon).toContain('Slide 2, with Grace')
  },
  'docs/recipes/who-is-online.md': async ({ page, find, puts }) => {
    await expect.poll(() => find('[role="img"][aria-label="Ada (you)"]').textContent, soon).toBe('A')
    expect(find('.presence-dot').dataset['state']).toBe('offline')
    await expect.poll(page, soon).toContain('The other report (0)')
    puts('pr:report', {})
    puts('pr:report-2', {})
    await expect.poll(page, soon).toContain('Grace has come')
    expect(find('.presence-dot').dataset['state']).toBe('online')
    await expect.poll(page, soon).toContain('The other report (1)')
  },
  'docs/recipes/away-and-idle.md': async ({ page, find, puts, seen }) => {
    await expect.poll(() => seen('pr:team'), soon).toEqual([{ desk: 7, status: 'active' }])
    puts('pr:team', { status: 'away' })
    await expect.poll(page, soon).toContain('Grace')
    expect(find('li:last-child .presence-dot').getAttribute('aria-label')).toBe('Away')
    expect(find('li:first-child .presence-dot').getAttribute('aria-label')).toBe('Online')
  },
  'docs/recipes/canvas.md': async ({ page, find, puts }) => {
    puts('pr:drawing/cursors', { x: 100, y: 50 })
    await expect.poll(page, soon).toContain('Grace')
    expect(find('b').style.transform).toBe('translate(100px, 50px)')
    find('button').click()
    await expect.poll(() => find('b').style.transform, soon).toBe('translate(200px, 100px)')
  },
  'docs/recipes/chat.md': async ({ find, puts, seen }) => {
    puts('pr:chat/typing', 'random')
    await expect.poll(() => find('[aria-label="random"]').textContent, soon).toContain('Grace is typing')
    expect(find('[aria-label="general"]').textContent).not.toContain('Grace')
    type(find('[aria-label="general"] input'), 'hello')
    await expect.poll(() => seen('pr:chat/typing'), soon).toContain('general')
    find('[aria-label="general"]').dispatchEvent(new SubmitEvent('submit', { bubbles: true, cancelable: true }))
    await expect.poll(() => seen('pr:chat/typing'), soon).toEqual(['random'])
  },
  'docs/recipes/form.md': async ({ page, find, puts, seen }) => {
    puts('pr:form-7', { field: 'Title' })
    await expect.poll(page, soon).toBe('Title GracePrice ')
    expect(find('input').style.outline).toContain('solid')
    find('label:last-child input').focus()
    await expect.poll(() => seen('pr:form-7'), soon).toContainEqual({ field: 'Price' })
  },
  'docs/recipes/zod.md': async ({ page, find }) => {
    await expect.poll(page, soon).toContain('calm since 2026')
    find('button').click()
    await expect.poll(page, soon).toContain('merry since 2027')
  },
  'docs/recipes/effect.md': async ({ page, find, seen }) => {
    await expect.poll(page, soon).toContain(`calm since ${Date.UTC(2026, 10, 24, 12)}`)
    find('button').click()
    await expect.poll(page, soon).toContain(`merry since ${Date.UTC(2027, 0, 1)}`)
    await expect.poll(() => seen('pr:desk'), soon).toEqual([{ mood: 'merry', since: '2027-01-01T00:00:00.000Z' }])
  },
  'docs/recipes/vanilla.md': async ({ page, puts }) => {
    await expect.poll(page, soon).toBe('Ada')
    puts('pr:lobby', {})
    await expect.poll(page, soon).toBe('AdaGrace')
  },
}

/** As a browser does when a key is pressed: React listens to what the element itself was told. */
function type(input: HTMLElement, text: string): void {
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input, text)
  input.dispatchEvent(new InputEvent('input', { bubbles: true }))
}

const shown = fences.filter(
  ({ page, info, code }) =>
    info.startsWith('ts') &&
    /^docs\/(coming-from|recipes)\//.test(page) &&
    /^export function (App|start)\b/m.test(code),
)

test('each page that shows something is visited', () => {
  expect(shown.map(({ page }) => page).sort()).toEqual(Object.keys(visits).sort())
})

interface Module {
  readonly App?: ComponentType
  readonly start?: (container: HTMLElement) => () => void
}

test.each(shown.map((fence) => [fence.page, fence] as const))('%s does what it says', async (path, fence) => {
  const url = await serve()
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${path.replace(/\.md$/, '').replaceAll('/', '-')}.tsx`)
  writeFileSync(file, fence.code.replaceAll('http://localhost:4400', url))
  const { App, start } = (await import(file)) as Module

  const complaints = vi.spyOn(console, 'error')
  const container = document.body.appendChild(document.createElement('div'))
  const grace = createPresenceClient({ url, user: { id: 'grace', name: 'Grace' } })
  const stop = App ? render(App, container) : start?.(container)
  onTestFinished(() => {
    stop?.()
    container.remove()
    grace.close()
    complaints.mockRestore()
  })
  await visits[path]?.({
    page: () => container.textContent,
    find: (selector) => container.querySelector<HTMLElement>(selector) ?? container,
    puts: (room, data) => void grace.presence(room).track(data),
    seen: (room) => [...grace.presence(room).value().values()].map(({ data }) => data),
  })
  expect(complaints).not.toHaveBeenCalled()
})

function render(App: ComponentType, container: HTMLElement): () => void {
  const root = createRoot(container)
  root.render(createElement(App))
  return () => root.unmount()
}
