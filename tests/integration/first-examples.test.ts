import { createPresenceClient, type PresenceClientOptions } from '@app/client'
import { createPresenceClient as createEffectClient } from '@app/client/effect'
import { createPresenceServer, memoryStore } from '@app/server'
import { Schema } from 'effect'
import { afterEach, expect, test } from 'vitest'

/* The examples that every reader tries first, against a real server. */

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function serve() {
  const server = createPresenceServer({ store: memoryStore() })
  const { port } = await server.listen({ port: 0 })
  closing.push(() => server.close())
  return { server, url: `http://127.0.0.1:${port}` }
}

function open(url: string, options: PresenceClientOptions = {}) {
  const client = createPresenceClient({ url, ...options })
  closing.push(() => client.close())
  return client
}

/** Resolves with the first event after which `isThere` holds. */
function event<Room extends { onChange(listener: () => void): () => void }>(
  room: Room,
  isThere: () => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    if (isThere()) return resolve()
    const stop = room.onChange(() => {
      if (!isThere()) return
      stop()
      resolve()
    })
  })
}

test('[P1] [P6] without a schema: heartbeat, value, onChange, leave', async () => {
  const { url } = await serve()
  const [ada, grace] = [open(url), open(url)]
  const mine = ada.presence('pr:room-123')
  const theirs = grace.presence('pr:room-123')
  const sizes: number[] = []
  theirs.onChange((entries) => sizes.push(entries.size))

  mine.heartbeat({ status: 'online' }, 30_000)
  expect(mine.value().get(ada.clientId)?.data).toEqual({ status: 'online' })
  await event(theirs, () => theirs.value().size === 1)
  const entry = theirs.value().get(ada.clientId)
  expect(entry?.data).toEqual({ status: 'online' })
  expect(Math.abs((entry?.expiresAtMs ?? 0) - (grace.now() + 30_000))).toBeLessThan(5_000)

  mine.leave()
  expect(mine.value().size).toBe(0)
  await event(theirs, () => theirs.value().size === 0)
  expect(sizes).toEqual([1, 0])
})

test('[P9] with an Effect schema on pr:cursors', async () => {
  const { url } = await serve()
  const Cursor = Schema.Struct({ x: Schema.Number, y: Schema.Number })
  const [ada, grace] = [createEffectClient({ url }), createEffectClient({ url })]
  closing.push(
    () => ada.close(),
    () => grace.close(),
  )
  const mine = ada.presence('pr:cursors', Cursor)
  const theirs = grace.presence('pr:cursors', Cursor)

  mine.heartbeat({ x: 120, y: 340 }, 5_000)
  await event(theirs, () => theirs.value().size === 1)
  const { x, y } = theirs.value().get(ada.clientId)?.data ?? { x: 0, y: 0 }
  expect([x, y]).toEqual([120, 340])
  expect(() => mine.heartbeat({ x: 'far', y: 0 } as never, 5_000)).toThrowError(
    expect.objectContaining({ code: 'bad-data' }),
  )
})

test('waitForConnected().then(heartbeat)', async () => {
  const { url, server } = await serve()
  const ada = open(url)
  const room = ada.presence('pr:room-123')
  await ada.waitForConnected(5_000).then(() => room.heartbeat({ status: 'online' }, 30_000))
  const entries = () => server.snapshot('pr:room-123').map(({ clientId, data }) => [clientId, data])
  await expect.poll(entries).toEqual([[ada.clientId, { status: 'online' }]])
})
