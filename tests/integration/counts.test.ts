import { createPresenceClient, type PresenceClientOptions, type RoomCount } from '@app/client'
import { createPresenceServer, type PresenceServerOptions } from '@app/server'
import { expect, onTestFinished, test } from 'vitest'
import { connectStock } from './stock-client.ts'

/* Large rooms, in small: a room that is full at two, and those who only count it. */

const key = 'pr:atelier'

async function serve(options: PresenceServerOptions = {}) {
  const server = createPresenceServer({ limits: { roomClients: 2 }, ...options })
  onTestFinished(() => server.close())
  const { url } = await server.listen({ port: 0 })
  return { server, url }
}

function open(url: string, options: PresenceClientOptions = {}) {
  const client = createPresenceClient({ url, ...options })
  onTestFinished(() => client.close())
  return client
}

test('[U2] who only counts hears how many users and clients are there, also after a restart of the server', async () => {
  const { server, url } = await serve()
  const visitor = open(url)
  const told: (RoomCount | null)[] = []
  const count = visitor.count(key)
  count.onChange((value) => told.push(value))
  await expect.poll(() => count.value()).toEqual({ users: 0, clients: 0 })

  const user = { id: 'ada', name: 'Ada' }
  const tabs = [open(url, { user }), open(url, { user })]
  for (const tab of tabs) tab.presence(key).track('here')
  await expect.poll(() => count.value(), { timeout: 5_000 }).toEqual({ users: 1, clients: 2 })
  expect(server.count(key)).toEqual(count.value())
  expect(told.length).toBeLessThanOrEqual(3)
  expect(visitor.inspect().rooms).toEqual([])

  const { port } = new URL(url)
  tabs[0]?.close()
  await server.close()
  expect(count.value()).not.toBeNull()
  const next = createPresenceServer()
  onTestFinished(() => next.close())
  await next.listen({ port: Number(port) })
  await expect.poll(() => count.value(), { timeout: 10_000 }).toEqual({ users: 1, clients: 1 })
})

test('[A2] a full room refuses a third client with room-full, which still watches and counts, and comes in when it can', async () => {
  const { url } = await serve()
  const [ada, grace, alan] = [open(url), open(url), open(url)]
  const track = ada.presence(key).track('ada')
  grace.presence(key).track('grace')
  const room = alan.presence(key)
  await expect.poll(() => room.value().size).toBe(2)

  const errors: unknown[] = []
  alan.onError(({ code, canRetry, retryAfterMs, room: of }) => errors.push([code, canRetry, retryAfterMs, of]))
  const reasons: string[] = []
  room.onChange((_, { left }) => reasons.push(...left.map(({ reason }) => reason)))
  room.track('alan')
  await expect.poll(() => errors).toEqual([['room-full', true, 5_000, key]])
  expect(room.value().has(alan.clientId)).toBe(false)
  expect(reasons).toEqual(['refused'])
  const count = alan.count(key)
  count.onChange(() => {})
  await expect.poll(() => count.value()).toEqual({ users: 2, clients: 2 })

  track.stop()
  await expect.poll(() => grace.presence(key).value().has(alan.clientId), { timeout: 10_000 }).toBe(true)
  expect(errors.length).toBe(1)
})

test('a stock client counts a room as the protocol says', async () => {
  const { url } = await serve()
  const [ada, grace] = [await connectStock(url), await connectStock(url)]
  expect(await grace.socket.emitWithAck('count', key)).toBeNull()
  expect(await grace.next('c')).toEqual([key, 0, 0])
  for (let n = 1; n <= 10; n++) ada.socket.emit('p', [[key, n, 30_000, 1, n]])
  expect(await grace.next('c')).toEqual([key, 1, 1])
  expect(await grace.socket.emitWithAck('count', 'atelier')).toMatchObject({ code: 'bad-key', room: 'atelier' })
  expect(await grace.socket.emitWithAck('uncount', key)).toBeNull()
  expect(grace.rest()).toEqual([])
})
