// npm run picture: takes the pictures of the README from the demo, in light and in dark. It needs `npm run build` and a browser.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { findChromium, isRoot } from './lib/browser.mjs'
import { root } from './lib/processes.mjs'

const size = { width: 1_200, height: 760 }
const people = ['Grace', 'Alan', 'Edsger']
// Where each of them points, as a fraction of the board.
const places = [
  [0.3, 0.55],
  [0.62, 0.4],
  [0.78, 0.82],
]

const server = spawn(
  process.execPath,
  ['packages/server/bin/presence-server.mjs', '--port', '0', '--db', ':memory:', '--static', 'apps/demo/dist'],
  { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
)
const url = await new Promise((resolve, reject) => {
  server.once('exit', () => reject(new Error('The server did not start. Was everything built? npm run build')))
  server.stdout.on('data', (text) => {
    const [, found] = /listening on (http:\S+)/.exec(String(text)) ?? []
    if (found) resolve(found)
  })
})
const executablePath = findChromium()
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  args: isRoot ? ['--no-sandbox'] : [],
})

async function visit(name, options = {}) {
  const page = await (await browser.newContext({ viewport: size, ...options })).newPage()
  await page.goto(`${url}/?room=studio&name=${name}`)
  await page.getByTestId('member').first().waitFor()
  return page
}

async function point(page, [x, y]) {
  const box = await page.getByTestId('board').boundingBox()
  await page.mouse.move(box.x + box.width * x, box.y + box.height * y)
}

try {
  const visitors = await Promise.all(people.map((name) => visit(name)))
  await Promise.all(visitors.map((page, at) => point(page, places[at])))
  const ada = await visit('Ada', { deviceScaleFactor: 1.5 })
  for (const colorScheme of ['light', 'dark']) {
    await ada.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // They come and go as they move; each is told of once more, so that none is idle in the picture.
    await Promise.all(
      visitors.map((page, at) =>
        point(
          page,
          places[at].map((part) => part + 0.001),
        ),
      ),
    )
    await visitors[0].getByTestId('message-input').pressSequentially('I li')
    await ada.getByTestId('typing').getByText('Grace').waitFor()
    await ada
      .locator('[data-client-id]')
      .nth(people.length - 1)
      .waitFor()
    await ada.screenshot({ path: join(root, 'docs', `demo-${colorScheme}.png`) })
  }
} finally {
  await browser.close()
  server.kill()
}
