// node page.mjs URL TEXT: opens a page, runs its script, and prints what it says once that holds the text.
import { JSDOM, VirtualConsole } from 'jsdom'

const [url, awaited] = process.argv.slice(2)
const read = async (path) => (await fetch(new URL(path, url))).text()
const html = await read('/')
const virtualConsole = new VirtualConsole()
for (const kind of ['error', 'warn', 'jsdomError']) virtualConsole.on(kind, (...words) => console.error(...words))
const { window } = new JSDOM(html, { url, runScripts: 'outside-only', pretendToBeVisual: true, virtualConsole })
// jsdom runs no modules; what Vite makes of a small application is one that imports nothing.
window.eval(await read(window.document.querySelector('script[type=module]').getAttribute('src')))

const says = () => window.document.body.textContent
const look = setInterval(() => {
  if (!says().includes(awaited)) return
  clearInterval(look)
  process.stdout.write(says())
  process.exit()
}, 10)
