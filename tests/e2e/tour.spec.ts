import { setTimeout as sleep } from 'node:timers/promises'
import { userColor } from '@app/react'
import type { Page } from '@playwright/test'
import { RealServer } from '../world/real-server.ts'
import { expect, serving, Tab, test as base } from './fixtures.ts'

const pages = ['room', 'board', 'chat', 'form', 'documents', 'rtl'] as const
const names = ['Ada', 'Grace', 'Linus', 'Edsger', 'Barbara'] as const

type Five = readonly [Tab, Tab, Tab, Tab, Tab]

interface Shared {
  /** Five people in five windows, opened once: they go from page to page, since a page that is left keeps nothing of them. */
  readonly everyone: Five
}

const test = base.extend<object, Shared>({
  everyone: [
    async ({ browser }, provide) => {
      const server = await RealServer.start(serving())
      const open = async (name: string) => {
        const page = await (await browser.newContext()).newPage()
        await page.goto(`${server.url}/?room=atelier&name=${name}`)
        return new Tab(page)
      }
      const [ada, grace, linus, edsger, barbara] = names
      const five: Five = [
        await open(ada),
        await open(grace),
        await open(linus),
        await open(edsger),
        await open(barbara),
      ]
      await provide(five)
      for (const { page } of five) await page.context().close()
      await server.remove()
    },
    { scope: 'worker' },
  ],
})

async function allTurnTo(tabs: Five, page: (typeof pages)[number]): Promise<Five> {
  for (const tab of tabs) await tab.page.getByTestId(`to-${page}`).click()
  return tabs
}

const total = (page: Page, what: 'commits' | 'messages' | 'bytes') =>
  page.getByTestId(`${what}-per-second`).evaluate((row) => Number((row as HTMLElement).dataset['total'] ?? 0))

/** Where a cursor's tip is, seen from the middle of something on the page; null while one of the two is not there. */
async function offset(tab: Tab, userId: string, testId: string): Promise<readonly [number, number] | null> {
  const cursor = tab.board.locator(`[data-client-id][data-user-id="${userId}"]`)
  if ((await cursor.count()) !== 1) return null
  const [tip, box] = [await cursor.boundingBox(), await tab.page.getByTestId(testId).boundingBox()]
  return tip && box && [Math.round(tip.x - box.x - box.width / 2), Math.round(tip.y - box.y - box.height / 2)]
}

async function pointAt({ page }: Tab, testId: string): Promise<void> {
  const box = await page.getByTestId(testId).boundingBox()
  if (!box) throw new Error(`${testId} is not there`)
  // In two steps, so that it comes from somewhere.
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 2 })
}

test('on a board that each of five pans and zooms, every cursor is over the same note for all of them', async ({
  everyone,
}) => {
  const tabs = await allTurnTo(everyone, 'board')
  // Each looks at it another way.
  const ways = [[], ['Zoom out', 'Zoom out'], ['Look left'], ['Zoom out', 'Look up'], ['Zoom in', 'Look right']]
  const targets = ['note-tide', 'note-orchard', 'note-cards', 'note-lamps', 'note-cards']
  for (const [at, tab] of tabs.entries()) {
    for (const tool of ways[at] ?? []) await tab.page.getByRole('button', { name: tool }).click()
    await pointAt(tab, targets[at] ?? '')
  }
  for (const [at, tab] of tabs.entries()) {
    await expect(tab.cursors).toHaveCount(4)
    for (const [other, name] of names.entries()) {
      if (other === at) continue
      // A cursor at rest is drawn on whole pixels.
      await expect
        .poll(async () => {
          const seen = await offset(tab, name.toLowerCase(), targets[other] ?? '')
          return seen && Math.max(...seen.map(Math.abs)) <= 2
        })
        .toBe(true)
    }
  }
  // Panning alone moves what is seen of them, too.
  const [ada] = tabs
  await ada.page.getByRole('button', { name: 'Look down' }).click()
  expect(Math.max(...((await offset(ada, 'grace', 'note-orchard')) ?? [9]).map(Math.abs))).toBeLessThanOrEqual(2)
})

test('a note that one moves is there for the other, by mouse and by keyboard, until who moved it goes', async ({
  openTab,
}) => {
  const ada = await openTab('Ada', { page: 'board' })
  const grace = await openTab('Grace', { page: 'board' })
  const at = async ({ page }: Tab) => page.getByTestId('note-tide').evaluate((note) => note.style.transform)
  const home = await at(ada)
  await pointAt(grace, 'note-tide')
  await grace.page.mouse.down()
  await grace.movePointer(0.5, 0.6)
  await grace.page.mouse.up()
  await expect.poll(() => at(ada)).not.toBe(home)
  await expect.poll(() => at(ada)).toBe(await at(grace))
  await grace.page.getByTestId('note-tide').press('ArrowRight')
  await expect.poll(() => at(ada)).toBe(await at(grace))
  // A drag is no click.
  await expect(ada.page.getByTestId('note-tide')).not.toHaveAttribute('data-picked')
  await grace.page.getByTestId('note-tide').press('Enter')
  await expect(ada.page.getByTestId('note-tide')).toHaveText(/Grace$/)
  await grace.close()
  await expect.poll(() => at(ada)).toBe(home)
})

test('of five who chat three are named in the order in which they began, a fourth makes several, and oneself is never told', async ({
  everyone,
}) => {
  const [ada, grace, linus, edsger, barbara] = await allTurnTo(everyone, 'chat')
  await grace.type('a')
  await expect(ada.typing).toHaveText(/Grace is typing/)
  // Who types for a while goes on typing: it ends three seconds after the last letter.
  await expect(async () => {
    for (const tab of [grace, linus, edsger]) await tab.type('a')
    await expect(ada.typing).toHaveText(/Grace, Linus, and Edsger are typing/, { timeout: 1_000 })
    await expect(linus.typing).toHaveText(/Grace and Edsger are typing/, { timeout: 1_000 })
  }).toPass({ timeout: 20_000 })
  await expect(async () => {
    for (const tab of [barbara, grace, linus, edsger]) await tab.type('a')
    await expect(ada.typing).toHaveText(/Several people are typing/, { timeout: 1_000 })
    await expect(barbara.typing).toHaveText(/Grace, Linus, and Edsger are typing/, { timeout: 1_000 })
  }).toPass({ timeout: 20_000 })
  // What was said last is presence: there while who said it is.
  await linus.page.getByTestId('send').click()
  await expect(ada.page.locator('[data-testid="message"][data-name="Linus"]')).toBeVisible()
  await linus.page.getByTestId('to-room').click()
  await expect(ada.page.getByTestId('message')).toHaveCount(0)
})

test('of five in a form each is seen in their field, with a ring, a name and their typing, and not in their own', async ({
  everyone,
}) => {
  const [ada, grace, linus, edsger, barbara] = await allTurnTo(everyone, 'form')
  const field = (tab: Tab, name: string) => tab.page.locator(`.field[data-field="${name}"]`)
  await grace.page.getByTestId('field-title').focus()
  await expect(field(ada, 'title').getByTestId('in-field')).toHaveText(['Grace'])
  await expect(field(ada, 'title')).toHaveAttribute('data-taken')
  await expect(field(grace, 'title')).not.toHaveAttribute('data-taken')
  await linus.page.getByTestId('field-title').focus()
  await expect(field(ada, 'title').getByTestId('in-field')).toHaveText(['Grace', 'Linus'])
  await edsger.page.getByTestId('field-title').focus()
  await expect(field(ada, 'title')).toContainText('+1')
  await barbara.page.getByTestId('field-notes').pressSequentially('boots')
  await expect(ada.page.getByTestId('typing-notes')).toHaveText(/Barbara is typing/)
  await expect(ada.page.getByTestId('typing-title')).toHaveText('')
  await expect(ada.page.getByTestId('field-notes')).toHaveAccessibleDescription('Also here: Barbara')
  await grace.page.getByTestId('field-day').focus()
  await expect(field(ada, 'day').getByTestId('in-field')).toHaveText(['Grace'])
  await expect(field(ada, 'title').getByTestId('in-field')).toHaveText(['Linus', 'Edsger'])
})

test('of five each document shows who has it open, and the rest of them by keyboard', async ({ everyone }) => {
  const tabs = await allTurnTo(everyone, 'documents')
  const [ada, grace] = tabs
  const faces = (tab: Tab, id: string) => tab.page.getByTestId(`document-${id}`).locator('.presence-avatars-faces > li')
  const open = ({ page }: Tab, id: string) => page.getByTestId(`document-${id}`).getByRole('link').click()
  await open(grace, 'cards')
  await expect(faces(ada, 'cards')).toHaveCount(1)
  for (const tab of tabs) await open(tab, 'brief')
  await expect(faces(ada, 'cards')).toHaveCount(0)
  await expect(faces(ada, 'brief')).toHaveCount(4)
  const more = ada.page.getByTestId('document-brief').getByRole('button')
  await expect(more).toHaveText('+1')
  await more.press('Enter')
  await expect(ada.page.getByTestId('document-brief').locator('.presence-avatars-list > li')).toHaveCount(5)
  await ada.page.keyboard.press('Escape')
  await expect(more).toBeFocused()
  await ada.page.getByTestId('close-document').click()
  await expect(faces(grace, 'brief')).toHaveCount(4)
  await expect(grace.page.getByTestId('document-brief').getByRole('button')).toHaveCount(0)
  await grace.movePointer(0.5, 0.5)
  await expect(tabs[2].cursors).toHaveCount(1)
})

test('from right to left the page is Arabic, five see each other there, and typing is told in Arabic', async ({
  everyone,
}) => {
  const tabs = await allTurnTo(everyone, 'rtl')
  const [ada, grace, linus] = tabs
  await expect(ada.page.locator('html')).toHaveAttribute('dir', 'rtl')
  await expect(ada.page.locator('html')).toHaveAttribute('lang', 'ar')
  await expect(ada.page.getByTestId('arabic-people').locator('li')).toHaveCount(5)
  for (const [at, tab] of tabs.entries()) await tab.movePointer(0.2 + at * 0.15, 0.5)
  for (const tab of tabs) await expect(tab.cursors).toHaveCount(4)
  await expect(async () => {
    for (const tab of [grace, linus]) await tab.type('a')
    await expect(ada.typing).toHaveText(/يكتبون الآن: Grace وLinus/, { timeout: 1_000 })
    await expect(linus.typing).toHaveText(/يكتب الآن: Grace/, { timeout: 1_000 })
  }).toPass({ timeout: 20_000 })
  await ada.page.getByTestId('to-room').click()
  await expect(ada.page.locator('html')).toHaveAttribute('dir', 'ltr')
})

test('through the whole tour one stays the same person in the same room, and the others see on which page', async ({
  openTab,
}) => {
  const ada = await openTab('Ada')
  const grace = await openTab('Grace')
  await expect(ada.page.getByTestId('toasts')).toHaveText('Grace is here')
  await expect(ada.names).toHaveCount(2)
  const counts = await ada.watchCounts()
  for (const page of pages.slice(1)) {
    const link = grace.page.getByTestId(`to-${page}`)
    await link.press('Enter')
    await expect(link).toHaveAttribute('aria-current', 'page')
    await expect(grace.page.locator('main')).toBeFocused()
    expect(new URL(grace.page.url()).search).toBe(`?room=atelier&name=Grace&page=${page}`)
    await expect(ada.page.getByTestId(`to-${page}`).locator('.tour-dots span')).toHaveCount(1)
  }
  await grace.page.goBack()
  await expect(grace.page.getByTestId('to-documents')).toHaveAttribute('aria-current', 'page')
  await expect(ada.member('Grace').getByTestId('member-page')).toHaveText('· on Documents')
  expect(await counts()).toEqual([])
  // Who has left stays away, whatever page they look at.
  await grace.page.getByTestId('to-room').click()
  await grace.page.getByTestId('leave').click()
  await expect(ada.names).toHaveCount(1)
  await grace.page.getByTestId('to-chat').click()
  await grace.page.getByTestId('to-room').click()
  await expect(grace.page.getByTestId('come-back')).toBeVisible()
  await expect(ada.names).toHaveCount(1)
})

test('every control of every page is reached by the tab key, none holds it, and Space and Enter work them', async ({
  openTab,
}) => {
  const { page } = await openTab('Ada')
  for (const each of pages) {
    await page.getByTestId(`to-${each}`).click()
    await expect(page.locator(`main[data-page="${each}"]`)).toBeVisible()
    // From the end of the page the key goes to its beginning.
    await page.evaluate(() => (document.activeElement as HTMLElement).blur())
    const missed = await page.evaluate(() => {
      const controls = 'a[href], button:enabled, input:enabled, select, textarea, summary, [tabindex="0"]'
      const all = [...document.querySelectorAll<HTMLElement>(controls)].filter((element) => element.checkVisibility())
      // Of a group of radio buttons the key reaches one.
      const stops = all.filter(
        (element) => !(element instanceof HTMLInputElement && element.type === 'radio' && !element.checked),
      )
      Object.assign(window, { missed: new Set(stops) })
      addEventListener('focusin', ({ target }) => {
        ;(window as unknown as { missed: Set<EventTarget | null> }).missed.delete(target)
      })
      return stops.length
    })
    expect(missed).toBeGreaterThan(10)
    const left = () =>
      page.evaluate(() => [...(window as unknown as { missed: Set<HTMLElement> }).missed].map((one) => one.outerHTML))
    for (let presses = 0; presses < missed + 2; presses++) await page.keyboard.press('Tab')
    expect(await left(), each).toEqual([])
  }
  await page.getByTestId('to-board').press('Enter')
  const zoom = page.getByTestId('zoom')
  const before = await zoom.textContent()
  await page.getByRole('button', { name: 'Zoom in' }).press('Space')
  await expect(zoom).not.toHaveText(before ?? '')
  await page.getByRole('button', { name: 'Show all' }).press('Enter')
  await page.getByTestId('meter').locator('summary').press('Enter')
  await expect(page.getByTestId('commits-per-second')).toBeHidden()
  await page.keyboard.press('Shift+Tab')
  await expect(page.getByTestId('remove-visitors')).toBeFocused()
})

test('fifty visitors come, fifty cursors move for five seconds without a React commit, and all of them go', async ({
  openTab,
}) => {
  const { page, names: people, cursors } = await openTab('Ada')
  await page.getByTestId('add-50').press('Enter')
  await expect(page.getByTestId('online-count')).toHaveText('51', { timeout: 20_000 })
  await expect(people).toHaveCount(51)
  await page.getByTestId('to-board').click()
  await expect(cursors).toHaveCount(50, { timeout: 15_000 })
  const commits = () => total(page, 'commits')
  const messages = () => total(page, 'messages')
  // All have said where they are when nothing has been committed for two of the panel's seconds.
  await expect(async () => {
    const before = await commits()
    await sleep(2_100)
    expect(await commits()).toBe(before)
  }).toPass({ timeout: 20_000 })
  const places = () => cursors.evaluateAll((all) => all.map((one) => (one as HTMLElement).style.transform))
  const [commitsBefore, messagesBefore, placesBefore] = [await commits(), await messages(), await places()]
  await sleep(5_000)
  const placesAfter = await places()
  expect(placesAfter.filter((place, at) => place !== placesBefore[at])).toHaveLength(50)
  expect(await messages()).toBeGreaterThan(messagesBefore)
  await sleep(1_100)
  expect(await commits()).toBe(commitsBefore)
  await page.getByTestId('remove-visitors').press('Enter')
  await expect(cursors).toHaveCount(0)
  // The panel is not asleep: that was worth a commit.
  await expect.poll(commits).toBeGreaterThan(commitsBefore)
  await page.getByTestId('to-room').click()
  await expect(people).toHaveCount(1)
})

test('of two whose names give the same colour the later one takes another, for everyone', async ({ openTab }) => {
  const color = (name: string) => userColor({ id: name.toLowerCase() }).color
  const twin = Array.from({ length: 100 }, (_, i) => `Ada${i}`).find((name) => color(name) === color('Ada')) ?? ''
  const ada = await openTab('Ada')
  const other = await openTab(twin)
  const seen = (tab: Tab, name: string) =>
    tab
      .member(name)
      .locator('.avatar')
      .evaluate((avatar) => getComputedStyle(avatar).backgroundColor)
  await expect.poll(async () => (await seen(ada, twin)) === (await seen(ada, 'Ada'))).toBe(false)
  await expect.poll(async () => (await seen(other, twin)) === (await seen(ada, twin))).toBe(true)
  await expect(ada.names).toHaveCount(2)
})

test('without a connection a lease stands still, and the banner says why', async ({ openTab, server }) => {
  const ada = await openTab('Ada')
  const lease = ada.member('Ada').getByTestId('lease')
  await expect(lease).not.toHaveAttribute('data-paused')
  await server.stop()
  await expect(lease).toHaveAttribute('data-paused')
  await expect(lease.locator('.lease-ring')).toHaveCSS('transition-duration', '0s')
  const banner = ada.page.getByTestId('banner')
  await expect(banner).toContainText('Connection lost.')
  // It lies over nothing.
  for (const width of [375, 1200]) {
    await ada.page.setViewportSize({ width, height: 760 })
    const { y, height } = (await banner.boundingBox())!
    const header = await ada.page.getByRole('banner').boundingBox()
    expect(y + height, `${width} wide`).toBeLessThanOrEqual(header!.y)
  }
})
