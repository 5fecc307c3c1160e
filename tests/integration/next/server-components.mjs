// node --conditions react-server server-components.mjs APP ROOM FILE: renders the page of a room to a payload, as Next does
// when it is asked for one; Grace is in the room. Goes on being the presence server until it is ended.
import { register } from 'node:module'
import { text } from 'node:stream/consumers'
import { PassThrough } from 'node:stream'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createElement } from 'react'
import server from 'react-server-dom-parcel/server.node'

const [app, id, file] = process.argv.slice(2)
const modules = new Set()
globalThis.clientReference = (url, name) => {
  modules.add(url)
  return server.createClientReference(url, name, [])
}
register('./client-references.mjs', import.meta.url)
const load = (path) => import(pathToFileURL(join(app, path)).href)

const { presence } = await load('presence.js')
const { server: rooms, url } = await presence()
const { createPresenceClient } = await import('@app/client')
const grace = createPresenceClient({ url, user: { id: 'grace', name: 'Grace' } })
grace.presence(`pr:room-${id}`).track({ mood: 'busy' })
await new Promise((resolve) => {
  const look = setInterval(() => {
    if (rooms.count(`pr:room-${id}`).users === 0) return
    clearInterval(look)
    resolve()
  }, 10)
})

const { default: Layout } = await load('app/layout.js')
const { default: Page } = await load('app/rooms/[id]/page.js')
const page = createElement(Layout, null, createElement(Page, { params: Promise.resolve({ id }) }))
const payload = await text(server.renderToPipeableStream(page).pipe(new PassThrough()))

const { $$typeof: reference } = server.createClientReference('', '', [])
const exported = Object.entries(await import('@app/react'))
const onServer = exported.filter(([, value]) => value.$$typeof !== reference).map(([name]) => name)
writeFileSync(file, JSON.stringify({ payload, modules: [...modules], onServer }))
console.log('rendered')
