import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from './program.ts'
import { runScript } from './script.ts'

/*
 * Next itself is not here. What it does is: server components in a process with the condition `react-server`, where React has
 * no state and no context; their payload made into HTML in one without; and the same payload given to the browser.
 */

/** A page of `examples/next`, at its three stages. */
export interface RenderedPage {
  /** Without the comments by which React parts texts. */
  readonly html: string
  /** What the page says once it has met the server, and what React and the console complained of. */
  readonly browser: { readonly says: string; readonly problems: readonly string[] }
  /** The modules that server components got references to, and the exports of `@app/react` that they got as they are. */
  readonly modules: readonly string[]
  readonly onServer: readonly string[]
}

/** Renders a room of the built application, with what stands in for Next in `scripts`. The packages are those it finds there. */
export async function renderAsNext(app: string, scripts = join(import.meta.dirname, 'next')): Promise<RenderedPage> {
  const folder = temporaryDirectory()
  const payload = join(folder, 'payload.json')
  const page = join(folder, 'page.html')
  const script = (name: string): string => join(scripts, `${name}.mjs`)
  const output = async (...args: readonly string[]): Promise<string> => {
    const { code, output: said } = await runScript(process.execPath, args).ended
    if (code !== 0) throw new Error(said)
    return said
  }

  const server = ['--conditions', 'react-server', script('server-components'), app, '7', payload]
  const next = runScript(process.execPath, server, { env: { PRESENCE_PORT: '0' } })
  await next.says(/^rendered$/m)
  const html = await output(script('html'), payload)
  writeFileSync(page, html)
  const browser = JSON.parse(await output(script('browser'), payload, page, '2 here'))
  next.end()
  const { modules, onServer } = JSON.parse(readFileSync(payload, 'utf8'))
  return { html: html.replaceAll('<!-- -->', ''), browser, modules, onServer }
}
