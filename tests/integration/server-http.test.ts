import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createPresenceServer } from '@app/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryDirectory } from './program.ts'
import { connectStock } from './stock-client.ts'

async function startServer(options: Parameters<typeof createPresenceServer>[0] = {}): Promise<string> {
  const server = createPresenceServer(options)
  onTestFinished(() => server.close())
  return (await server.listen({ port: 0 })).url
}

/** A request whose path nobody tidies up on the way. */
function raw(url: string, path: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    request(url, { path }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode, body }))
    })
      .on('error', reject)
      .end()
  })
}

/** What `/metrics` answers to a request with headers that `fetch` does not let through. */
function statusFor(port: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/metrics', headers }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end()
  })
}

test('what is not there is answered with a sentence', async () => {
  const url = await startServer()
  const response = await fetch(`${url}/`)
  expect(response.status).toBe(404)
  expect(await response.text()).toMatch(/^This is a Presence server: .*\n$/)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
})

test('metrics tell how the server stands, and how long rooms wait between flushes; only this machine may ask', async () => {
  const server = createPresenceServer()
  onTestFinished(() => server.close())
  const { url } = await server.listen({ port: 0 })
  const ada = await connectStock(url)
  await ada.socket.emitWithAck('enter', 'pr:atelier')
  ada.socket.emit('p', [['pr:atelier', 1, 30_000, 1, 'here']])
  await ada.next('d')

  const response = await fetch(`${url}/metrics`)
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  const text = await response.text()
  const names = (metrics: string): string[] => metrics.split('\n').map((line) => line.replace(/ [^ ]*$/, ''))
  expect(names(await server.metrics())).toEqual(names(text))
  const values = new Map(text.split('\n').map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]))
  const [connections, rooms, entries] = ['connections', 'rooms', 'entries'].map((name) =>
    values.get(`presence_${name}`),
  )
  expect({ connections, rooms, entries }).toEqual({ connections: 1, rooms: 1, entries: 1 })
  expect(values.get('presence_load')).toBeGreaterThanOrEqual(0)
  expect(values.get('presence_flush_pause_seconds_count')).toBe(1)
  const { port } = new URL(url)
  expect(await statusFor(port, { Host: `rebound.example:${port}` })).toBe(404)
  expect(await statusFor(port, { Host: `localhost:${port}` })).toBe(200)
  expect((await fetch(`${url}/metrics`, { headers: { 'X-Forwarded-For': '10.0.0.1' } })).status).toBe(404)
})

test('static serves the files of a directory, and nothing above it', async () => {
  const directory = temporaryDirectory()
  const site = join(directory, 'site')
  mkdirSync(join(site, 'assets'), { recursive: true })
  writeFileSync(join(directory, 'secret.txt'), 'a secret')
  writeFileSync(join(site, 'index.html'), '<title>demo</title>')
  writeFileSync(join(site, '.env'), 'a secret')
  writeFileSync(join(site, 'assets', 'app-1a2b.js'), 'export {}')
  const url = await startServer({ static: site })

  const page = await fetch(`${url}/`)
  expect([await page.text(), page.headers.get('cache-control')]).toEqual(['<title>demo</title>', 'no-cache'])
  expect(await (await fetch(`${url}/rooms/atelier`)).text()).toBe('<title>demo</title>')
  const script = await fetch(`${url}/assets/app-1a2b.js`)
  expect(script.headers.get('cache-control')).toContain('immutable')
  expect(script.headers.get('content-type')).toContain('javascript')
  expect((await fetch(`${url}/assets/none.js`)).status).toBe(404)
  expect((await fetch(`${url}/`, { method: 'POST' })).status).toBe(404)
  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '/.env',
    '//secret.txt',
    '/%',
    '/\\..\\secret.txt',
  ]) {
    expect((await raw(url, path)).body, path).not.toContain('a secret')
  }
  await connectStock(url)
})

test('attach leaves the other requests of an HTTP server to its own handlers, before, while and after', async () => {
  const http = createServer((_request, response) => response.end('mine'))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void http.close())
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const server = createPresenceServer()
  server.attach(http)

  const ada = await connectStock(url)
  expect(await (await fetch(`${url}/api`)).text()).toBe('mine')
  await server.close()
  expect(await ada.next('disconnect')).toEqual(['transport close'])
  expect(await (await fetch(`${url}/api`)).text()).toBe('mine')
  expect(await (await fetch(`${url}/socket.io/?EIO=4&transport=polling`)).text()).toBe('mine')
  expect(http.listenerCount('upgrade')).toBe(0)
  expect(http.listening).toBe(true)
})

test('an application asks who is there, how many, and sends somebody away', async () => {
  const server = createPresenceServer()
  onTestFinished(() => server.close())
  const { url } = await server.listen({ port: 0 })
  const tabs = [
    await connectStock(url, { user: { id: 'ada' } }),
    await connectStock(url, { user: { id: 'ada' } }),
    await connectStock(url),
  ]
  for (const tab of tabs) await tab.socket.emitWithAck('p', [['pr:atelier', 1, 60_000, 0, { tab: tab.clientId }]])

  expect(server.count('pr:atelier')).toEqual({ users: 2, clients: 3 })
  expect(server.snapshot('pr:atelier')[0]).toEqual({
    clientId: tabs[0]?.clientId,
    data: { tab: tabs[0]?.clientId },
    expiresAtMs: expect.any(Number),
    joinedAtMs: expect.any(Number),
    user: { id: 'ada' },
  })
  expect(server.snapshot('pr:nobody')).toEqual([])
  expect(server.kick('pr:atelier', tabs[0]!.clientId)).toBe(true)
  expect(await tabs[0]!.next('refused')).toMatchObject([{ event: 'kick', code: 'kicked', room: 'pr:atelier' }])
  expect(server.count('pr:atelier')).toEqual({ users: 2, clients: 2 })
})

test('a file that goes while the server runs ends one answer, not the server', async () => {
  const site = temporaryDirectory()
  writeFileSync(join(site, 'index.html'), '<title>demo</title>')
  const url = await startServer({ static: site })
  rmSync(join(site, 'index.html'))
  await expect(fetch(`${url}/`).then((response) => response.text())).rejects.toBeInstanceOf(TypeError)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
})

describe('the admin page', () => {
  const adminToken = 'an-admin-token-of-32-characters!'

  test('is there where there is an admin token, and speaks to its own server only', async () => {
    const url = await startServer({ adminToken })
    const page = await fetch(`${url}/admin/`)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html;charset=utf-8')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    )
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    const html = await page.text()
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/)
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => new URL(path ?? '', page.url))
    expect(files.length).toBeGreaterThan(2)
    for (const file of files) {
      expect(file.href).toMatch(new RegExp(`^${url}/admin/`))
      const { status, headers } = await fetch(file)
      expect(status).toBe(200)
      if (file.pathname.includes('/assets/')) expect(headers.get('cache-control')).toContain('immutable')
    }
    expect((await fetch(`${url}/admin/`, { method: 'HEAD' })).status).toBe(200)
  })

  test('has its address with a slash, and nothing beside its files', async () => {
    const url = await startServer({ adminToken })
    const { status, headers } = await fetch(`${url}/admin`, { redirect: 'manual' })
    expect([status, headers.get('location')]).toEqual([308, 'admin/'])
    for (const path of [
      '/admin/../index.js',
      '/admin/..%2findex.js',
      '/admin/nothing',
      '/administer',
      '/admin/assets/',
    ])
      expect((await raw(url, path)).status, path).toBe(404)
    expect((await fetch(`${url}/admin/`, { method: 'POST' })).status).toBe(404)
  })

  test('is as unknown as any other path where there is no admin token', async () => {
    const url = await startServer()
    const unknown = await raw(url, '/unknown')
    for (const path of ['/admin', '/admin/', '/admin/index.html']) expect(await raw(url, path)).toEqual(unknown)
  })
})
