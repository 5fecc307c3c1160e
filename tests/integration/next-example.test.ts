import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { renderAsNext } from './next.ts'
import { root } from './script.ts'

test(
  'a page of server components shows who is there in its first HTML, and hydrates without a warning',
  { timeout: 60_000 },
  async () => {
    const { html, browser, onServer, modules } = await renderAsNext(join(root, 'examples/dist/next'))
    expect(html).toMatch(/^<!DOCTYPE html><html lang="en">/)
    expect(html).toContain('<p style="color:#')
    expect(html).toContain('<h1>1 here</h1><ul><li>Grace is busy</li></ul>')
    expect(html).toContain('role="status"')
    expect(browser).toEqual({ problems: [], says: expect.stringContaining('2 here') })
    expect(browser.says).toContain('Grace is busy')
    expect(browser.says).toContain('Ada is curious')

    // Of @app/react a server component gets a reference to each hook and component, and the rest as it is.
    expect(onServer).toContain('userColor')
    expect(onServer.filter((name) => /^(use)?[A-Z]/.test(name))).toEqual([])
    expect(modules.filter((url) => /\/(index|userColor)\.js$/.test(url))).toEqual([])
  },
)

test('every built file of @app/react that needs more of React than a server component has says so in its first line', () => {
  const dist = join(root, 'packages/react/dist')
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
  const needsClient = files.filter((name) =>
    /^import [^\n]* from ['"](react|react-dom)['"]/m.test(readFileSync(join(dist, name), 'utf8')),
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
