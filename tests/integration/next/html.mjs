// node html.mjs FILE: makes HTML of a payload, with React as it is outside of server components.
import { readFileSync } from 'node:fs'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createElement, use } from 'react'
import { renderToPipeableStream } from 'react-dom/server'
import client from 'react-server-dom-parcel/client.node'
import { loadModules } from './modules.mjs'

const { payload, modules } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
await loadModules(modules)
const tree = client.createFromNodeStream(Readable.from([Buffer.from(payload)]))
const Root = () => use(tree)
const html = await new Promise((resolve, reject) => {
  const { pipe } = renderToPipeableStream(createElement(Root), {
    onAllReady: () => resolve(text(pipe(new PassThrough()))),
    onError: reject,
  })
})
process.stdout.write(html)
process.exit()
