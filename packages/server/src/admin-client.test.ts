import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { kickClient, listRooms, type Access } from './admin-client.ts'
import { roomsTable } from './rooms-table.ts'

const adminToken = 'an-admin-token-of-32-characters!'

/** What answers; the real interface is asked in tests/integration/server-commands.test.ts. */
async function answering(answer: RequestListener): Promise<Access> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, adminToken }
}

const problem = (status: number, detail: string): RequestListener => {
  return (_request, response) =>
    response.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify({ status, detail }))
}

const aRoom = (key: string) => ({ key, users: 1, clients: 2, listeners: 3 })
const all = { prefix: undefined, tenant: undefined }

test('rooms are asked for page by page, with the token, until there is no next one', async () => {
  const asked: (string | undefined)[] = []
  const access = await answering((request, response) => {
    asked.push(request.headers.authorization, request.url)
    const isFirst = !request.url?.includes('after=')
    const page = isFirst ? { rooms: [aRoom('pr:a')], next: 'acme!pr:a' } : { rooms: [aRoom('pr:b')], next: null }
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(page))
  })
  expect(await listRooms(access, { prefix: 'pr:', tenant: 'acme' })).toEqual([aRoom('pr:a'), aRoom('pr:b')])
  expect(asked).toEqual([
    `Bearer ${adminToken}`,
    '/v1/rooms?limit=1000&prefix=pr%3A&tenant=acme',
    `Bearer ${adminToken}`,
    '/v1/rooms?limit=1000&prefix=pr%3A&tenant=acme&after=acme%21pr%3Aa',
  ])
})

test('a kick names the entry in the path', async () => {
  const asked: unknown[] = []
  const access = await answering((request, response) => {
    asked.push([request.method, request.url])
    response.writeHead(204).end()
  })
  await kickClient(access, { key: 'pr:a/b', clientId: -7, banMs: undefined, tenant: undefined })
  await kickClient(access, { key: 'pr:a', clientId: 7, banMs: 0, tenant: 'acme' })
  expect(asked).toEqual([
    ['DELETE', '/v1/rooms/pr%3Aa%2Fb/entries/-7'],
    ['DELETE', '/v1/rooms/pr%3Aa/entries/7?banMs=0&tenant=acme'],
  ])
})

test('what goes wrong is a sentence for the operator, without the token', async () => {
  const elsewhere = await answering((_request, response) => response.end('<title>Welcome</title>'))
  const moved = await answering((_request, response) => response.writeHead(302, { Location: elsewhere.url }).end())
  const cases: [Access, string][] = [
    [await answering(problem(401, 'no')), 'has another admin token. Set PRESENCE_ADMIN_TOKEN'],
    [await answering(problem(400, 'limit is 0; wanted: more.')), 'limit is 0; wanted: more.'],
    [await answering((_request, response) => response.writeHead(404).end('x')), 'no such interface (HTTP 404)'],
    [elsewhere, 'no such interface (HTTP 200)'],
    [moved, 'No server answers at'],
    [{ url: 'http://127.0.0.1:1', adminToken }, 'No server answers at http://127.0.0.1:1 (bad port)'],
  ]
  for (const [access, sentence] of cases) {
    const error = (await listRooms(access, all).catch((reason: unknown) => reason)) as Error
    expect(error).toMatchObject({ name: 'PresenceError', message: expect.stringContaining(sentence) })
    expect(error.message).not.toMatch(new RegExp(`${adminToken}|\n`))
  }
})

test('rooms are a table with the keys last, and with tenants where there are any', () => {
  expect(roomsTable([])).toBe('Nobody is in a room, and nobody listens to one.\n')
  expect(roomsTable([aRoom('pr:a')])).toBe(
    '    USERS    CLIENTS  LISTENERS  ROOM\n        1          2          3  pr:a\n',
  )
  expect(roomsTable([aRoom('pr:a'), { ...aRoom('pr:b'), tenant: 'acme' }])).toBe(
    [
      '    USERS    CLIENTS  LISTENERS  TENANT        ROOM',
      '        1          2          3  -             pr:a',
      '        1          2          3  acme          pr:b',
      '',
    ].join('\n'),
  )
})
