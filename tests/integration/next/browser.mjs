// node browser.mjs FILE HTML TEXT: hydrates the HTML of a payload, waits until the page says the text, and prints what it
// says then and what React found wrong.
import { readFileSync } from 'node:fs'
import { JSDOM } from 'jsdom'
import { loadModules } from './modules.mjs'

const [file, htmlFile, awaited] = process.argv.slice(2)
const { payload, modules } = JSON.parse(readFileSync(file, 'utf8'))
const { window } = new JSDOM(readFileSync(htmlFile, 'utf8'), { url: 'http://localhost:3000/', pretendToBeVisual: true })
const globals = {
  window,
  ...Object.fromEntries(['document', 'navigator', 'Node', 'AbortController'].map((name) => [name, window[name]])),
}
// Assigning is not enough where Node has a navigator of its own.
for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, writable: true })

const problems = []
console.error = console.warn = (...words) => problems.push(words.map(String).join(' '))

// React asks for the page when it is loaded.
const { createElement, use } = await import('react')
const { hydrateRoot } = await import('react-dom/client')
const { default: client } = await import('react-server-dom-parcel/client.browser')
await loadModules(modules)
const tree = client.createFromReadableStream(new Blob([payload]).stream())
const Root = () => use(tree)
const root = hydrateRoot(window.document, createElement(Root), {
  onRecoverableError: (error) => problems.push(String(error)),
})

const says = () => window.document.body.textContent
await new Promise((resolve) => {
  const look = setInterval(() => {
    if (!says().includes(awaited) && problems.length === 0) return
    clearInterval(look)
    resolve()
  }, 10)
})
process.stdout.write(JSON.stringify({ says: says(), problems }))
root.unmount()
process.exit()
