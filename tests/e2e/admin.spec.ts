import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createPresenceClient, type PresenceClient } from '@app/client'
import type { Locator, Page } from '@playwright/test'
import { faults } from './faults.ts'
import { expect, test as base } from './fixtures.ts'

const adminToken = 'an-admin-token-of-32-characters!'
const crowdProgram = fileURLToPath(new URL('admin-crowd.mjs', import.meta.url))
/** Where the pictures go; without it none are taken. */
const pictures = process.env['ADMIN_PICTURES']

interface Fixtures {
  /** The admin page, not logged in. What its own policy refuses fails the test. */
  readonly page: Page
  readonly openAdmin: (hash?: string) => Promise<void>
  readonly logIn: (token?: string) => Promise<void>
  /** A client that is closed in the end. */
  readonly come: (id: string) => PresenceClient
}

const test = base.extend<Fixtures>({
  openAdmin: async ({ page, server }, provide) => {
    const said: string[] = []
    page.on('console', (message) => message.type() === 'error' && said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    await provide(async (hash = '') => {
      await page.goto(`${server.url}/admin${hash}`)
      await page.getByLabel('Admin token').waitFor()
    })
    // That a request was refused, or not answered, the browser says by itself.
    expect(said.filter((text) => !text.startsWith('Failed to load resource'))).toEqual([])
  },
  logIn: async ({ page }, provide) => {
    await provide(async (token = adminToken) => {
      await page.getByLabel('Admin token').fill(token)
      await page.getByLabel('Admin token').press('Enter')
    })
  },
  come: async ({ server }, provide) => {
    const clients: PresenceClient[] = []
    await provide((id) => {
      const client = createPresenceClient({ url: server.url, user: { id, name: id } })
      clients.push(client)
      return client
    })
    for (const client of clients) client.close()
  },
})

test.use({ serverConfig: { adminToken } })

const roomRow = (page: Page, key: string): Locator => page.locator(`[data-testid="room"][data-key="${key}"]`)
const entryOf = (page: Page, id: string): Locator => page.locator(`[data-testid="entry"][data-user-id="${id}"]`)

test('a wrong token is told so, the right one is kept by this tab alone, and by no address', async ({
  page,
  openAdmin,
  logIn,
  server,
}) => {
  await openAdmin()
  await logIn('another-admin-token-of-32-signs!')
  await expect(page.getByRole('alert')).toHaveText('This is not the admin token of the server. Nobody is logged in.')
  await logIn()
  await expect(page.getByRole('heading', { name: 'Rooms' })).toBeVisible()
  await expect(page.getByTestId('health')).toHaveText('Ready')
  expect(page.url()).toBe(`${server.url}/admin/`)
  expect(await page.evaluate(() => ({ ...localStorage, cookie: document.cookie }))).toEqual({ cookie: '' })
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Rooms' })).toBeVisible()
  await page.getByRole('button', { name: 'Log out' }).click()
  await expect(page.getByLabel('Admin token')).toBeFocused()
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
})

test('rooms are listed as they come and go, and found by how their keys begin', async ({
  page,
  openAdmin,
  logIn,
  come,
}) => {
  await openAdmin()
  await logIn()
  await expect(page.getByText('Nobody is anywhere.')).toBeVisible()
  const ada = come('ada')
  ada.presence('pr:team/board').track('here')
  ada.presence('pr:team/board/cursors').track({ x: 0, y: 0 })
  const chat = ada.presence('pr:chat').track('here')
  // Its cursors are no room of their own.
  await expect(page.getByTestId('room')).toHaveCount(2)
  await expect(roomRow(page, 'pr:team/board')).toContainText('1 cursor')
  await page.getByRole('searchbox').fill('team')
  await expect(page.getByTestId('room')).toHaveCount(1)
  await page.getByRole('searchbox').fill('')
  await expect(page.getByTestId('room')).toHaveCount(2)
  chat.stop()
  await expect(page.getByTestId('room')).toHaveCount(1)
})

test('of very many rooms there are pages', async ({ page, openAdmin, logIn, come }) => {
  const ada = come('ada')
  for (let i = 100; i < 260; i++) ada.presence(`pr:room-${i}`).track(null)
  await openAdmin()
  await logIn()
  await expect(page.getByTestId('room')).toHaveCount(150)
  await page.getByRole('button', { name: 'Next' }).click()
  await expect(page.getByTestId('room')).toHaveCount(10)
  await expect(page.getByRole('button', { name: 'Next' })).toBeDisabled()
  await page.getByRole('button', { name: 'Back' }).click()
  await expect(roomRow(page, 'pr:room-100')).toBeVisible()
})

test('who is in a room is shown live, reached and read by keyboard', async ({ page, openAdmin, logIn, come }) => {
  const [ada, grace] = [come('ada'), come('grace')]
  const here = ada.presence('pr:board').track({ mood: 'calm' })
  await openAdmin()
  await logIn()
  await page.getByRole('link', { name: 'pr:board' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('room-key')).toBeFocused()
  await expect(entryOf(page, 'ada')).toContainText('held')
  await expect(entryOf(page, 'ada').getByTestId('data')).toHaveText('{"mood":"calm"}')
  here.update({ mood: 'merry', list: Array.from({ length: 200 }, (_, at) => at) })
  await expect(entryOf(page, 'ada').getByTestId('data')).toHaveText(/^\{"mood":"merry".*…$/)
  await entryOf(page, 'ada').getByRole('button', { name: 'All of it' }).click()
  await expect(entryOf(page, 'ada').getByTestId('data')).toContainText('199')

  grace.presence('pr:board').heartbeat('a note', 60_000)
  await expect(entryOf(page, 'grace')).toContainText('timed')
  await expect(entryOf(page, 'grace').getByTestId('time-left')).toHaveText(/^5\d s$/)
  await expect(page.getByTestId('room-counts')).toHaveText('2 users · 2 clients')
  grace.presence('pr:board/cursors').track({ x: 0.25, y: 0.5 })
  await expect(page.getByTestId('cursors')).toContainText('Cursors 1')
  await page.getByTestId('cursors').locator('summary').press('Enter')
  await expect(page.getByTestId('cursors').getByTestId('entry')).toContainText('"x":0.25')
  here.stop()
  await expect(page.getByTestId('entries').first().getByTestId('entry')).toHaveCount(1)
})

test('who is kicked feels it and stays away, and what was refused is told', async ({
  page,
  openAdmin,
  logIn,
  come,
}) => {
  const ada = come('ada')
  const room = ada.presence('pr:board')
  room.track('here')
  const errors: string[] = []
  ada.onError(({ code }) => errors.push(code))
  await openAdmin('#/rooms/pr%3Aboard')
  await logIn()
  await entryOf(page, 'ada')
    .getByRole('button', { name: /^Kick ada/ })
    .click()
  const dialog = page.getByRole('dialog', { name: 'Kick ada?' })
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(entryOf(page, 'ada').getByRole('button', { name: /^Kick ada/ })).toBeFocused()

  // It goes while one still asks oneself.
  await entryOf(page, 'ada')
    .getByRole('button', { name: /^Kick ada/ })
    .click()
  room.leave()
  await expect(entryOf(page, 'ada')).toHaveCount(0)
  await dialog.getByLabel('It may come back').selectOption('at once')
  await dialog.getByRole('button', { name: 'Kick' }).click()
  await expect(dialog.getByRole('alert')).toHaveText('There is no such entry in the room. It may have ended.')
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)

  room.track('here again')
  await entryOf(page, 'ada')
    .getByRole('button', { name: /^Kick ada/ })
    .click()
  await dialog.getByLabel('It may come back').selectOption('after 1 hour')
  await dialog.getByRole('button', { name: 'Kick' }).click()
  await expect(page.getByTestId('told')).toHaveText(
    `ada (client ${ada.clientId}) was kicked and may come back after 1 hour.`,
  )
  await expect(page.getByTestId('room-key')).toBeFocused()
  await expect(entryOf(page, 'ada')).toHaveCount(0)
  await expect.poll(() => errors).toContain('kicked')
  await expect.poll(() => room.value().size).toBe(0)
  room.heartbeat('here all the same', 60_000)
  await expect.poll(() => errors).toEqual(['kicked', 'kicked'])
})

test('entries of programs, and rooms of tenants, are shown and can be taken away', async ({
  page,
  openAdmin,
  logIn,
  server,
}) => {
  const put = (query: string) =>
    fetch(`${server.url}/v1/rooms/pr%3Aboard/entries${query}`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${adminToken}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ data: query, ttlMs: 60_000, user: { id: `bot${query}` } }),
    })
  for (const query of ['', '?tenant=acme']) expect((await put(query)).status).toBe(201)
  await openAdmin()
  await logIn()
  await expect(page.getByTestId('room')).toHaveCount(2)
  await page.getByLabel('Tenant').fill('acme')
  await expect(page.getByTestId('room')).toHaveCount(1)
  await page.getByRole('link', { name: 'pr:board' }).click()
  await expect(page.getByTestId('entry')).toHaveAttribute('data-user-id', 'bot?tenant=acme')
  await page.getByRole('button', { name: /^Remove bot/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('Nobody is in this room.')).toBeVisible()
  await page.goBack()
  await expect(page.getByTestId('room')).toHaveCount(1)
})

test('a page that nobody looks at asks for nothing, and for all of it once somebody does', async ({
  page,
  openAdmin,
  logIn,
}) => {
  const asked: string[] = []
  page.on('request', (request) => void asked.push(new URL(request.url()).pathname))
  const answered = (path: string) => page.waitForResponse((response) => new URL(response.url()).pathname === path)
  const look = (isHidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }, isHidden)
  await page.clock.install()
  await openAdmin()
  await logIn()
  await expect(page.getByTestId('health')).toHaveText('Ready')
  await expect(page.getByText('Nobody is anywhere.')).toBeVisible()
  const again = answered('/v1/rooms')
  await page.clock.runFor(2_100)
  await again
  await look(true)
  // Whatever was under way comes to its end.
  await page.clock.runFor(4_000)
  asked.length = 0
  await page.clock.runFor(20_000)
  expect(asked).toEqual([])
  const [rooms, metrics] = [answered('/v1/rooms'), answered('/metrics')]
  await look(false)
  await Promise.all([rooms, metrics])
})

test('the charts move, and a server that is gone is told', async ({ page, openAdmin, logIn, come, server }) => {
  await openAdmin()
  await logIn()
  const connections = page.getByTestId('chart-connections')
  await expect(connections).toHaveAttribute('data-value', '0')
  const track = come('ada').presence('pr:board').track(0)
  await expect(connections).toHaveAttribute('data-value', '1')
  let turn = 0
  await expect
    .poll(async () => {
      track.update(++turn)
      return Number(await page.getByTestId('chart-puts').getAttribute('data-value'))
    })
    .toBeGreaterThan(0)
  await expect(page.getByTestId('chart-puts').locator('path').first()).toBeAttached()
  await server.stop()
  await expect(page.getByTestId('health')).toHaveText('Does not answer')
  await expect(page.getByRole('alert')).toContainText('The server does not answer.')
})

for (const { width, height } of [
  { width: 390, height: 844 },
  { width: 1440, height: 960 },
]) {
  test(`with 200 clients in 20 rooms it is quick, fits and has no faults, ${width} wide`, async ({
    page,
    openAdmin,
    logIn,
    server,
  }) => {
    const crowd = spawn(process.execPath, [crowdProgram, server.url, '200', '20'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(crowd.stdout, 'data')
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
      await openAdmin()
      expect(await faults(page), 'log-in').toEqual([])
      await logIn()
      await expect(page.getByTestId('room')).toHaveCount(20)
      await expect(page.getByTestId('chart-connections')).toHaveAttribute('data-value', '200')
      // Long enough for the charts to be lines.
      await expect
        .poll(
          async () =>
            (await page.getByTestId('chart-puts').locator('.chart-line').getAttribute('d'))?.split('L').length,
          {
            timeout: pictures === undefined ? 20_000 : 50_000,
          },
        )
        .toBeGreaterThan(pictures === undefined ? 2 : 12)
      const views = {
        '': async () => {},
        '-room': async () => {
          await page.getByRole('link', { name: 'pr:design/board' }).click()
          await expect(page.getByTestId('entry')).toHaveCount(10)
          await expect(page.getByTestId('entry').first()).toContainText('held')
        },
        '-kick': async () => {
          await page.getByRole('button', { name: /^Kick/ }).first().click()
          await expect(page.getByRole('dialog')).toBeVisible()
        },
      }
      for (const [name, show] of Object.entries(views)) {
        await show()
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          if (pictures !== undefined)
            await page.screenshot({
              path: `${pictures}/admin${name}-${colorScheme}-${width}.png`,
              fullPage: name !== '-kick',
            })
          expect(await faults(page), `${name}, ${colorScheme}`).toEqual([])
        }
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), name).toBeLessThanOrEqual(
          0,
        )
      }
    } finally {
      crowd.kill()
    }
  })
}
