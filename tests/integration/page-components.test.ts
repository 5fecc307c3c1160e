// @vitest-environment jsdom
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createElement, type ComponentType, type ReactElement } from 'react'
import { createRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { createPresenceClient } from '@app/client'
import * as kit from '@app/react'
import { expect, onTestFinished, test, vi } from 'vitest'
import { fences } from './pages.ts'
import { root, serve } from './script.ts'

/*
 * The components of the pages for people, each of them in a page of its own, with somebody else in its room. Those of
 * docs/react.md stand in a provider, unless they bring their own.
 */

const soon = { timeout: 10_000 }
const folder = join(root, 'test-results', 'page-components')

interface Visit {
  readonly page: () => string
  readonly find: (selector: string) => HTMLElement
  /** What a server makes of the component with these properties. */
  readonly html: (props: object) => string
  /** Puts what somebody else says into a room. */
  readonly puts: (room: string, data: unknown) => void
  /** What somebody else sees in a room. */
  readonly seen: (room: string) => unknown[]
}

const reactPage = 'docs/react.md'

/** What must be seen, for each page; of a page with many components for each of them. */
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
  'docs/react.md: App': async ({ page, puts }) => {
    await expect.poll(page, soon).toBe('1 here')
    puts('pr:room-123', {})
    await expect.poll(page, soon).toBe('2 here')
  },
  'docs/react.md: Moods': async ({ page, find, puts, seen }) => {
    await expect.poll(page, soon).toContain('1 hereAda (you): calm')
    puts('pr:moods', { mood: 'wild' })
    await expect.poll(page, soon).toContain('Grace : wild')
    find('button').click()
    await expect.poll(() => seen('pr:moods'), soon).toContainEqual({ mood: 'very calm' })
    find('button:last-child').click()
    await expect.poll(() => seen('pr:moods'), soon).toEqual([{ mood: 'wild' }])
  },
  'docs/react.md: Lesson': async ({ page, find, puts }) => {
    await expect.poll(page, soon).toContain('0 raisedMy hand is down.Here: ')
    puts('pr:lesson', { raised: true })
    await expect.poll(page, soon).toContain('1 raisedMy hand is down.Here: Grace')
    find('button').click()
    await expect.poll(page, soon).toMatch(/^1 raisedMy hand is up\.Here: .*Ada/)
  },
  'docs/react.md: Office': async ({ page, find, puts }) => {
    await expect.poll(page, soon).toBe('Grace  is offline, 0 in all.')
    puts('pr:office', { status: 'idle' })
    await expect.poll(page, soon).toBe('GGrace  is idle, 1 in all.')
    expect(find('.presence-dot').dataset['state']).toBe('idle')
  },
  'docs/react.md: Board': async ({ page, puts }) => {
    puts('pr:board/cursors', { x: 0.5, y: 0.5 })
    await expect.poll(page, soon).toBe('A cardAnother cardGrace')
  },
  'docs/react.md: Plan': async ({ page, find, puts }) => {
    puts('pr:plan/cursors', { x: 0.5, y: 0.5 })
    await expect.poll(page, soon).toBe('Grace')
    await expect.poll(() => find('b').style.transform, soon).toContain('translate(')
  },
  'docs/react.md: Minimap': async ({ find, puts }) => {
    puts('pr:plan/cursors', { x: 0.25, y: 0.5 })
    await expect.poll(() => find('circle').getAttribute('cx'), soon).toBe('0.25')
  },
  'docs/react.md: Letter': async ({ page, find, puts, seen }) => {
    puts('pr:letter/typing', 'body')
    await expect.poll(page, soon).toContain('Grace is typing')
    type(find('input'), 'Dear')
    await expect.poll(() => seen('pr:letter/typing'), soon).toEqual(['body', 'body'])
  },
  'docs/react.md: Footer': async ({ page }) => {
    // Nothing there enters a room, so nothing connects and nothing is missed.
    await expect.poll(page, soon).toBe('idle Debug')
  },
  'docs/react.md: Door': async ({ page, puts, seen }) => {
    await expect.poll(() => seen('pr:door'), soon).toEqual([{}])
    puts('pr:door', {})
    await expect.poll(page, soon).toBe('Grace has come')
  },
  'docs/react.md: Desk': async ({ page, seen }) => {
    await expect.poll(() => seen('pr:desk'), soon).toEqual([{ floor: 2, status: 'active' }])
    expect(page()).toBe('I am active.')
  },
  'docs/react.md: Museum': async ({ page, find, seen }) => {
    await expect.poll(page, soon).toBe('0 visibleShow me')
    find('button').click()
    await expect.poll(page, soon).toBe('1 visibleHide me')
    await expect.poll(() => seen('pr:museum'), soon).toEqual([{}])
    find('button').click()
    await expect.poll(() => seen('pr:museum'), soon).toEqual([])
  },
  'docs/react.md: Studio': async ({ page, find, puts, seen }) => {
    puts('pr:studio-7', { status: 'away' })
    await expect.poll(page, soon).toBe('Go, as 1 did')
    find('button').click()
    await expect.poll(() => seen('pr:studio-7'), soon).toEqual([{ status: 'away' }, { status: 'away' }])
  },
  'docs/react.md: Lobby': async ({ page, puts, html }) => {
    const initial = {
      'pr:lobby': [{ clientId: 1, data: {}, expiresAtMs: 2, joinedAtMs: 1, user: { id: 'lin', name: 'Lin' } }],
    }
    expect(html({ initial })).toContain('Lin')
    await expect.poll(page, soon).toBe('Here: nobody')
    puts('pr:lobby', {})
    await expect.poll(page, soon).toBe('Here: Grace')
  },
}

/** As a browser does when a key is pressed: React listens to what the element itself was told. */
function type(input: HTMLElement, text: string): void {
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input, text)
  input.dispatchEvent(new InputEvent('input', { bubbles: true }))
}

interface Shown {
  readonly title: string
  /** What the code exports to be shown. */
  readonly name: string
  readonly code: string
}

const shown = fences.flatMap(({ page, info, code }): readonly Shown[] => {
  const isMany = page === reactPage
  if (!info.startsWith('ts') || !(isMany || /^docs\/(coming-from|recipes)\//.test(page))) return []
  const [, name] = /^export function ([A-Z]\w*|start)\b/m.exec(code) ?? []
  if (isMany) return [{ title: `${page}: ${name}`, name: name ?? '', code }]
  return name === 'App' || name === 'start' ? [{ title: page, name, code }] : []
})

test('each page that shows something is visited', () => {
  expect(shown.map(({ title }) => title).sort()).toEqual(Object.keys(visits).sort())
})

test('docs/react.md has an example of each hook, component and function', () => {
  const examples = shown.filter(({ title }) => title.startsWith(reactPage)).map(({ code }) => code)
  const imported = examples.flatMap(
    (code) => /import \{([^}]*)\} from '@app\/react'/.exec(code)?.[1]?.split(/,\s*/) ?? [],
  )
  expect(imported.map((name) => name.trim())).toEqual(expect.arrayContaining(Object.keys(kit)))
})

type Part = ComponentType<object>
type Start = (container: HTMLElement) => () => void
type Module = Readonly<Record<string, Part | Start>>

test.each(shown.map((one) => [one.title, one] as const))('%s does what it says', async (title, { name, code }) => {
  const url = await serve()
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${title.replace('.md', '').replaceAll(/\W+/g, '-')}.tsx`)
  writeFileSync(file, code.replaceAll('http://localhost:4400', url))
  const { [name]: part } = (await import(file)) as Module
  const show = (props?: object): ReactElement =>
    name === 'App'
      ? createElement(part as Part)
      : createElement(
          kit.PresenceProvider,
          { url, user: { id: 'ada', name: 'Ada' } },
          createElement(part as Part, props),
        )

  const complaints = vi.spyOn(console, 'error')
  const container = document.body.appendChild(document.createElement('div'))
  const grace = createPresenceClient({ url, user: { id: 'grace', name: 'Grace' } })
  const stop = name === 'start' ? (part as Start)(container) : render(show(), container)
  onTestFinished(() => {
    stop()
    container.remove()
    grace.close()
    complaints.mockRestore()
  })
  await visits[title]?.({
    page: () => container.textContent,
    find: (selector) => container.querySelector<HTMLElement>(selector) ?? container,
    html: (props) => renderToString(show(props)),
    puts: (room, data) => void grace.presence(room).track(data),
    seen: (room) => [...grace.presence(room).value().values()].map(({ data }) => data),
  })
  expect(complaints).not.toHaveBeenCalled()
})

function render(element: ReactElement, container: HTMLElement): () => void {
  const root = createRoot(container)
  root.render(element)
  return () => root.unmount()
}
