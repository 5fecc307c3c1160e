import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createPresenceServer, sqliteStore } from '@app/server'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryDirectory } from '../program.ts'
import { connectStock, type StockClient } from '../stock-client.ts'

/** The server's own SQLite, to look over its shoulder. */
const Database = createRequire(new URL('../../../packages/server/package.json', import.meta.url))(
  'better-sqlite3',
) as new (
  file: string,
  options: { readonly: boolean },
) => { prepare(sql: string): { pluck(): { all(): unknown[] } }; close(): void }

const room = 'pr:board'

test('[S5] [A1] a token for another tenant opens another room by the same key: to read, to count, to kick, and on disk', async () => {
  const file = join(temporaryDirectory(), 'presence.db')
  const auth = ({ token }: { token: string | undefined }) =>
    token === 'red' || token === 'blue' ? { user: { id: 'ada' }, tenant: token } : undefined
  const server = createPresenceServer({ auth, store: sqliteStore({ file }), persistMs: 0 })
  onTestFinished(() => server.close())
  const { url } = await server.listen({ port: 0 })
  const [red, blue] = [await connectStock(url, { token: 'red' }), await connectStock(url, { token: 'blue' })]
  const put = ({ socket }: StockClient, n: number, data: string): Promise<unknown> =>
    socket.emitWithAck('p', [[room, n, 60_000, 1, data]])
  for (const { socket } of [red, blue]) {
    await socket.emitWithAck('enter', room)
    await socket.emitWithAck('count', room)
  }
  await put(red, 1, 'of red')
  await put(blue, 1, 'of blue')
  await blue.next('d')

  // Neither a key that is written like it nor the number of the other's room leads there.
  const number = (await red.next('s'))[1] as number
  for (const ref of ['red!pr:board', 'pr:red!pr:board', number])
    expect(await blue.socket.emitWithAck('p', [[ref, 9, 60_000, 1, 'in red']])).toMatchObject({
      code: expect.stringMatching(/bad-key|bad-message/),
    })
  expect(await blue.socket.emitWithAck('enter', 'red!pr:board')).toMatchObject({ code: 'bad-key' })

  expect(server.snapshot(room, { tenant: 'red' }).map(({ data }) => data)).toEqual(['of red'])
  expect(server.snapshot(room, { tenant: 'blue' }).map(({ data }) => data)).toEqual(['of blue'])
  expect(server.snapshot(room)).toEqual([])
  expect(server.kick(room, red.clientId, { tenant: 'blue' })).toBe(false)
  expect(server.kick(room, red.clientId)).toBe(false)
  expect(server.count(room, { tenant: 'red' })).toEqual({ users: 1, clients: 1 })
  expect(server.kick(room, blue.clientId, { tenant: 'blue', banMs: 0 })).toBe(true)
  expect(await blue.next('refused')).toMatchObject([{ event: 'kick', room }])
  await put(blue, 10, 'of blue again')

  const rows = (): unknown[] => {
    const database = new Database(file, { readonly: true })
    try {
      return database.prepare('SELECT room FROM presence ORDER BY room').pluck().all()
    } finally {
      database.close()
    }
  }
  await expect.poll(rows, { timeout: 10_000 }).toEqual(['blue!pr:board', 'red!pr:board'])
  // What either heard all along.
  expect(await blue.socket.emitWithAck('t', 1)).toBeNull()
  expect(await red.socket.emitWithAck('t', 1)).toBeNull()
  expect(JSON.stringify(red.rest())).not.toContain('blue')
  expect(JSON.stringify(blue.rest())).not.toContain('red')
})
