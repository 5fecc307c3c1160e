import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from './program.ts'
import { root, runScript } from './script.ts'

/*
 * Next itself is not here. What it does is: server components in a process with the condition `react-server`, where React has
 * no state and no context; their payload made into HTML in one without; and the same payload given to the browser.
 */

const app = join(root, 'examples/dist/next')
const script = (name: string): string => join(import.meta.dirname, 'next', `${name}.mjs`)

async function output(name: string, ...args: readonly string[]): Promise<string> {
  const { code, output: said } = await runScript(process.execPath, [script(name), ...args]).ended
  expect(code, said).toBe(0)
  return said
}

test('a page of server components shows who is there in its first HTML, and hydrates without a warning', async () => {
  const folder = temporaryDirectory()
  const payload = join(folder, 'payload.json')
  const next = runScript(
    process.execPath,
    ['--conditions', 'react-server', script('server-components'), app, '7', payload],
    { env: { PRESENCE_PORT: '0' } },
  )
  await next.says(/^rendered$/m)

  const html = await output('html', payload)
  expect(html).toMatch(/^<!DOCTYPE html><html lang="en">/)
  expect(html).toContain('<p style="color:#')
  const text = html.replaceAll(/<!-- -->/g, '')
  expect(text).toContain('<h1>1 here</h1><ul><li>Grace is busy</li></ul>')
  expect(text).toContain('role="status"')

  const page = join(folder, 'page.html')
  writeFileSync(page, html)
  const browser = JSON.parse(await output('browser', payload, page, '2 here'))
  expect(browser).toEqual({ problems: [], says: expect.stringContaining('Grace is busy') })
  expect(browser.says).toContain('Ada is curious')

  // Of @app/react a server component gets a reference to each hook and component, and the rest as it is.
  const { onServer, modules } = JSON.parse(readFileSync(payload, 'utf8'))
  expect(onServer).toContain('userColor')
  expect(onServer.filter((name: string) => /^(use)?[A-Z]/.test(name))).toEqual([])
  expect(modules.filter((url: string) => /\/(index|userColor)\.js$/.test(url))).toEqual([])
})

test('every built file of @app/react that needs more of React than a server component has says so in its first line', () => {
  const dist = join(root, 'packages/react/dist')
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
  const needsClient = files.filter((name) =>
    /^import [^\n]* from ['"](react|react-dom|use-sync-external-store\/.*)['"]/m.test(
      readFileSync(join(dist, name), 'utf8'),
    ),
  )
  const hooks = files.filter((name) =>
    /(^|\/)(use[A-Z]\w*|[A-Z]\w*Provider|[A-Z]\w*Context)\.js$|^components\//.test(name),
  )
  expect(needsClient.length).toBeGreaterThan(10)
  for (const name of new Set([...needsClient, ...hooks])) {
    expect(readFileSync(join(dist, name), 'utf8'), name).toMatch(/^'use client';\n/)
  }
})

test('the example is made of short files', () => {
  const folder = join(root, 'examples/next')
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))
  expect(sources).toContain(join('app', 'rooms', '[id]', 'page.tsx'))
  for (const name of sources) expect(readFileSync(join(folder, name), 'utf8').split('\n').length, name).toBeLessThan(60)
})
