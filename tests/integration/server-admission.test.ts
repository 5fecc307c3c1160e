import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { createPresenceClient } from '@app/client'
import { createPresenceServer } from '@app/server'
import { expect, onTestFinished, test } from 'vitest'
import { connectStock, stockClient } from './stock-client.ts'

async function startServer(options: Parameters<typeof createPresenceServer>[0] = {}): Promise<string> {
  const server = createPresenceServer(options)
  onTestFinished(() => server.close())
  return (await server.listen({ port: 0 })).url
}

const withHeaders = (extraHeaders: Record<string, string>) => ({ extraHeaders })

test('[A4] loopback origins and clients without an origin are let in, others are told why not', async () => {
  const url = await startServer()
  await connectStock(url)
  await connectStock(url, {}, withHeaders({ Origin: 'http://localhost:5173' }))
  const evil = stockClient(url, {}, withHeaders({ Origin: 'https://evil.example' }))
  expect(await evil.next('connect_error')).toEqual([
    { code: 'origin-refused', message: expect.stringContaining('https://evil.example'), canRetry: false },
  ])
})

test.each(['Forwarded', 'X-Forwarded-For'])(
  '[A4] a handshake with %s is refused with a sentence that names --open',
  async (header) => {
    const url = await startServer()
    const far = stockClient(url, {}, withHeaders({ [header]: 'for=192.0.2.60' }))
    expect(await far.next('connect_error')).toEqual([
      { code: 'proxy-refused', message: expect.stringContaining('--open'), canRetry: false },
    ])
  },
)

test('[A4] over long polling, a page of another origin may not read the answer', async () => {
  const url = await startServer()
  const poll = async (origin: string): Promise<string | null> => {
    const response = await fetch(`${url}/socket.io/?EIO=4&transport=polling`, { headers: { origin } })
    return response.headers.get('access-control-allow-origin')
  }
  expect(await poll('http://localhost:5173')).toBe('http://localhost:5173')
  expect(await poll('https://evil.example')).toBeNull()
})

test('[A4] an open server lets in pages of its own origin, and what comes through a proxy', async () => {
  const url = await startServer({ open: true })
  await connectStock(url, {}, withHeaders({ Origin: url, 'X-Forwarded-For': '192.0.2.60' }))
  const other = stockClient(url, {}, withHeaders({ Origin: 'https://app.example' }))
  expect(await other.next('connect_error')).toEqual([
    { code: 'origin-refused', message: expect.stringContaining('PRESENCE_ORIGINS'), canRetry: false },
  ])
})

test('[A4] what a proxy says it was asked for is believed only where there is one', async () => {
  const headers = { Origin: 'https://app.example', 'X-Forwarded-Host': 'app.example', 'X-Forwarded-For': '192.0.2.60' }
  const direct = await startServer({ open: true })
  expect(await stockClient(direct, {}, withHeaders(headers)).next('connect_error')).toMatchObject([
    { code: 'origin-refused' },
  ])
  const behind = await startServer({ open: true, trustProxy: 1, limits: { addressConnections: 1 } })
  await connectStock(behind, {}, withHeaders(headers))
  const second = stockClient(behind, {}, withHeaders({ ...headers, 'X-Forwarded-For': '198.51.100.9, 192.0.2.60' }))
  expect(await second.next('connect_error')).toMatchObject([{ code: 'too-many-connections', canRetry: true }])
  await connectStock(behind, {}, withHeaders({ ...headers, 'X-Forwarded-For': '192.0.2.61' }))
})

test('[A2] where no server answers, the client is told why, and goes on trying', async () => {
  const nobody = createServer()
  nobody.listen(0, '127.0.0.1')
  await once(nobody, 'listening')
  const { port } = nobody.address() as AddressInfo
  await new Promise((resolve) => nobody.close(resolve))
  const client = createPresenceClient({ url: `http://127.0.0.1:${port}` })
  onTestFinished(() => client.close())
  const told = new Promise((resolve) => client.onError(resolve))
  client.connect()
  expect(await told).toMatchObject({
    code: 'connection-failed',
    canRetry: true,
    message: expect.stringContaining(String(port)),
  })
  expect(client.status).toBe('connecting')
})

test('[A2] a message over the limit is refused with a code, and ends the connection', async () => {
  const url = await startServer({ limits: { messageBytes: 70_000 } })
  const ada = await connectStock(url)
  ada.socket.emit('p', [['pr:a', 1, 30_000, 1, 'ü'.repeat(36_000)]])
  expect(await ada.next('refused')).toMatchObject([{ event: 'connect', code: 'too-large', canRetry: false }])
  await ada.next('disconnect')
  const bob = await connectStock(url)
  bob.socket.emit('p', [['pr:a', 1, 30_000, 1, 'u'.repeat(69_000)]])
  expect(await bob.next('refused')).toMatchObject([{ event: 'p', code: 'too-large', room: 'pr:a', n: 1 }])
})

test('[A4] an open server with a list of origins lets in those', async () => {
  const url = await startServer({ open: true, origins: ['https://app.example'] })
  await connectStock(url, {}, withHeaders({ Origin: 'https://app.example' }))
  const other = stockClient(url, {}, withHeaders({ Origin: 'http://localhost:5173' }))
  expect(await other.next('connect_error')).toMatchObject([{ code: 'origin-refused' }])
})

test('[A1] somebody else’s id is refused with its code', async () => {
  const url = await startServer()
  const ada = await connectStock(url)
  const thief = stockClient(url, { clientId: ada.clientId })
  expect(await thief.next('connect_error')).toMatchObject([{ code: 'client-id-taken', canRetry: false }])
  expect(await ada.socket.emitWithAck('t', 1)).toBeNull()
})

test('[U1] the auth function sees the token and the headers, now and when the client logs in anew', async () => {
  const seen: unknown[] = []
  const url = await startServer({
    auth: async ({ token, headers, clientId }) => {
      seen.push([token, headers['x-team'], clientId])
      if (token === 'no') throw new Error('internal detail')
      return { user: { id: `user of ${token}` } }
    },
  })
  const ada = stockClient(url, { token: 'one', user: { id: 'root' } }, withHeaders({ 'X-Team': 'blue' }))
  expect(await ada.next('hello')).toMatchObject([{ user: { id: 'user of one' } }])
  ada.socket.emit('auth', 1, { token: 'two' })
  expect(await ada.next('authed')).toEqual([1, { id: 'user of two' }])
  ada.socket.emit('auth', 2, { token: 'no' })
  expect(await ada.next('refused')).toEqual([
    {
      event: 'auth',
      id: 2,
      code: 'unauthorized',
      message: expect.not.stringContaining('detail'),
      canRetry: true,
      retryAfterMs: 5_000,
    },
  ])
  expect(seen).toEqual(['one', 'two', 'no'].map((token) => [token, 'blue', ada.clientId]))
})

test('a handshake that is no handshake is refused with a code', async () => {
  const url = await startServer()
  for (const [who, code] of [
    [{ v: 2 }, 'unsupported-version'],
    [{ secret: 'x' }, 'bad-message'],
    [{ user: { name: 'nobody' } }, 'bad-user'],
    [{ user: { id: 'x'.repeat(2_000) } }, 'bad-user'],
  ] as const) {
    expect(await stockClient(url, who).next('connect_error')).toMatchObject([{ code, canRetry: false }])
  }
})
