import { createPresenceServer } from '@app/server'
import { expect, onTestFinished, test } from 'vitest'
import { connectStock, stockClient, type StockClient } from './stock-client.ts'

/*
 * PROTOCOL.md, walked through with nothing but socket.io-client.
 */

async function startServer(options: Parameters<typeof createPresenceServer>[0] = {}): Promise<string> {
  const server = createPresenceServer(options)
  onTestFinished(() => server.close())
  const { url } = await server.listen({ port: 0 })
  return url
}

const moment = expect.any(Number)

test('a stock client enters, puts, follows deltas and leaves', async () => {
  const url = await startServer()
  const ada = stockClient(url, { user: { id: 'ada', name: 'Ada' } })
  const [hello] = await ada.next('hello')
  expect(hello).toEqual({
    v: 1,
    epoch: expect.any(String),
    nowMs: moment,
    user: { id: 'ada', name: 'Ada' },
    heldTtlMinMs: 20_000,
    windowMs: 500,
    sendMs: 33,
    dataBytes: 4_096,
    keyBytes: 256,
  })
  const { epoch } = hello as { epoch: string }

  ada.socket.emit('enter', 'pr:atelier')
  const [key, room, snapshotEpoch, version, entries] = await ada.next('s')
  expect([key, snapshotEpoch, version, entries]).toEqual(['pr:atelier', epoch, 0, []])

  ada.socket.emit('p', [[room, 1, 30_000, 1, { x: 1 }]])
  const user = { id: 'ada', name: 'Ada' }
  expect(await ada.next('d')).toEqual([room, 0, 1, [], [], [[1, ada.clientId, 1, { x: 1 }, 0, 30_000, moment, user]]])

  const grace = await connectStock(url)
  expect(await grace.socket.emitWithAck('enter', 'pr:atelier')).toBeNull()
  expect(await grace.next('s')).toEqual([
    'pr:atelier',
    room,
    epoch,
    1,
    [[1, ada.clientId, 1, { x: 1 }, 0, 30_000, moment, user]],
  ])
  expect(await grace.socket.emitWithAck('p', [['pr:atelier', 1, 60_000, 0, null]])).toBeNull()
  expect(ada.paces.get('pr:atelier')).toBe(33)
  const join = [room, 1, 2, [], [], [[2, grace.clientId, 1, null, moment, 0, moment]]]
  expect(await ada.next('d')).toEqual(join)
  expect(await grace.next('d')).toEqual(join)

  ada.socket.emit('p', [[room, 2, 30_000, 1, { x: 2 }]])
  expect(await grace.next('d')).toEqual([room, 2, 3, [[['x'], 1, 1, 2]]])
  grace.socket.emit('p', [[room, 2, 60_000, 0, null]])
  expect(await ada.next('d')).toEqual([room, 2, 3, [[['x'], 1, 1, 2]]])
  expect(await ada.next('d')).toEqual([room, 3, 4, [], [], [], [[2, 2, moment, 0]]])

  ada.socket.emit('l', room, 3)
  expect(await ada.next('k')).toEqual(['pr:atelier', 3])
  await grace.next('d')
  expect(await grace.next('d')).toEqual([room, 4, 5, [], [[1, 'left']]])

  ada.socket.emit('t', 8)
  expect(await ada.next('t')).toEqual([8, moment])
  grace.socket.emit('auth', 9, { user: { id: 'grace' } })
  expect(await grace.next('authed')).toEqual([9, { id: 'grace' }])
  await ada.next('d')
  expect(await ada.next('d')).toEqual([
    room,
    5,
    6,
    [],
    [],
    [[2, grace.clientId, 2, null, moment, 0, moment, { id: 'grace' }]],
  ])

  ada.socket.emit('exit', 'pr:atelier')
  await expect.poll(() => grace.paces.get('pr:atelier')).toBe(1_000)
  expect(await grace.socket.emitWithAck('bye')).toBeNull()
  expect(await ada.socket.emitWithAck('t', 10)).toBeNull()
  expect(ada.rest().map(([event]) => event)).toEqual(['t'])
})

test('a stock client over long polling does as well', async () => {
  const url = await startServer()
  const ada = await connectStock(url, {}, { transports: ['polling'] })
  expect(await ada.socket.emitWithAck('enter', 'pr:atelier')).toBeNull()
  await ada.next('s')
  ada.socket.emit('p', [['pr:atelier', 1, 30_000, 1, 'é €']])
  expect((await ada.next('d')).at(5)).toEqual([[1, ada.clientId, 1, 'é €', 0, 30_000, moment]])
})

/** Everything that a stock client can send and that is no message of the protocol. */
const nonsense: [string, ...unknown[]][] = [
  ['unknown'],
  ['error', { message: 'boom' }],
  ['p'],
  ['p', 'x'],
  ['p', [[]]],
  ['p', [['pr:atelier', 1, 30_000, 1]]],
  ['p', [['pr:atelier', 1.5, 30_000, 1, 'x']]],
  ['p', [['pr:atelier', 1, 86_400_001, 1, 'x']]],
  ['p', [['pr:atelier', 1, 30_000, true, 'x']]],
  ['p', [['pr:atelier', 2 ** 60, 30_000, 1, 'x']]],
  ['p', [['pr:atelier', 9, 30_000, 1, 'x'.repeat(4_096)]]],
  ['p', [['pr:atelier', 9, 30_000, 1, Buffer.from('x')]]],
  ['p', [['pr:atelier', 9, 30_000, 1, { x: [Buffer.from('x')] }]]],
  ['p', [['atelier', 9, 30_000, 1, 'x']]],
  ['p', [[12_345, 9, 30_000, 1, 'x']]],
  ['l'],
  ['l', 'pr:atelier', 'x'],
  ['l', null, 1],
  ['enter'],
  ['enter', 'pr:'],
  ['enter', `pr:${'x'.repeat(100_000)}`],
  ['exit', { key: 'pr:atelier' }],
  ['auth', 1],
  ['auth', 1, { user: { id: 7 } }],
  ['auth', 1, { token: {} }],
  ['t', -1],
  ['hello', {}],
  ['d', 1, 0, 9, []],
  ['kick', 'pr:atelier', 1],
  [''],
  ['x'.repeat(10_000)],
]

async function surviving(send: (ada: StockClient, message: [string, ...unknown[]]) => Promise<void>): Promise<void> {
  const url = await startServer()
  const [ada, grace] = [await connectStock(url), await connectStock(url)]
  await ada.socket.emitWithAck('p', [['pr:atelier', 1, 60_000, 0, { x: 1 }]])
  await grace.socket.emitWithAck('enter', 'pr:atelier')
  for (const message of nonsense) await send(ada, message)
  expect(await ada.socket.emitWithAck('t', 1)).toBeNull()
  expect(ada.socket.connected).toBe(true)
  await grace.socket.emitWithAck('enter', 'pr:atelier')
  const seen = grace.rest()
  expect(seen.map(([event]) => event)).toEqual(['s', 's'])
  expect(seen[1]).toEqual(seen[0])
}

test('[A2] malformed messages from a stock client are refused one by one; the connection and the room stay as they are', async () => {
  await surviving(async (ada, message) => {
    ada.socket.emit(...message)
    const [refusal] = await ada.next('refused')
    expect(refusal).toMatchObject({
      code: expect.stringMatching(/^(bad-|too-large)/),
      message: expect.any(String),
      canRetry: false,
    })
  })
})

test('[A2] with an acknowledgement the refusal is the answer', async () => {
  await surviving(async (ada, [event, ...args]) => {
    const answer: unknown = await ada.socket.emitWithAck(event, ...args)
    expect(answer).toMatchObject({ code: expect.stringMatching(/^(bad-|too-large)/), canRetry: false })
  })
})

test('[P8] data travel as they are', async () => {
  const url = await startServer()
  const [ada, grace] = [await connectStock(url), await connectStock(url)]
  await grace.socket.emitWithAck('enter', 'pr:atelier')
  const data: unknown[] = [
    null,
    0,
    false,
    '',
    [],
    {},
    '😀',
    { _placeholder: true, num: 0 },
    JSON.parse('{"__proto__":{"a":1}}'),
  ]
  for (const [index, value] of data.entries()) {
    await ada.socket.emitWithAck('p', [['pr:atelier', index + 1, 30_000, 1, value]])
    const delta = await grace.next('d')
    expect(JSON.stringify(dataOf(delta))).toBe(JSON.stringify(value))
  }
})

/** The data of the one entry that a delta tells of. */
function dataOf([, , , updates, , joins]: unknown[]): unknown {
  const [join] = (joins ?? []) as unknown[][]
  if (join) return join[3]
  const [[first, , third, ...values]] = updates as [unknown[]]
  return Array.isArray(first) ? Object.fromEntries(first.map((key, at) => [key, values[at]])) : third
}

test('a client over polling hears what one over a WebSocket hears, short or long', async () => {
  const url = await startServer({ limits: { dataBytes: 200_000 } })
  const ada = await connectStock(url)
  const polling = await connectStock(url, {}, { transports: ['polling'] })
  for (const client of [ada, polling]) await client.socket.emitWithAck('enter', 'pr:atelier')
  // A frame says its length in one of three ways, up to 125, up to 65 535, and beyond.
  const lengths = [0, 60, 75, 80, 85, 90, 95, 100, 65_400, 65_470, 65_480, 65_490, 65_535, 100_000]
  for (const [index, length] of lengths.entries()) {
    const text = `é${'x'.repeat(length)}`
    await ada.socket.emitWithAck('p', [['pr:atelier', index + 1, 30_000, 1, text]])
    expect(dataOf(await ada.next('d'))).toBe(text)
    expect(dataOf(await polling.next('d'))).toBe(text)
  }
})

test('[L6] a second connection of a client takes over, and the first is closed', async () => {
  const url = await startServer()
  const first = await connectStock(url)
  await first.socket.emitWithAck('p', [['pr:atelier', 1, 30_000, 1, 'a']])
  const second = await connectStock(url, { clientId: first.clientId, secret: first.secret })
  expect(await first.next('disconnect')).toEqual(['io server disconnect'])
  await second.socket.emitWithAck('enter', 'pr:atelier')
  expect((await second.next('s'))[4]).toEqual([[1, first.clientId, 1, 'a', 0, 30_000, moment]])
})

test('who says goodbye to Socket.IO and keeps the connection loses that, too', async () => {
  const ada = await connectStock(await startServer())
  // Engine.IO's "message" comes before it: Socket.IO's "disconnect".
  ada.socket.io.engine.send('1')
  expect(await ada.next('disconnect')).toEqual(['transport close'])
})

test('[L2] a client that only answers pings keeps what it holds', async () => {
  const server = createPresenceServer({ heldTtlMinMs: 2_000 })
  onTestFinished(() => server.close())
  const { url } = await server.listen({ port: 0 })
  const ada = await connectStock(url)
  await ada.socket.emitWithAck('p', [['pr:atelier', 1, 2_000, 1, 'here']])
  // A ping a second: by the fourth its lease would have ended twice.
  await new Promise<void>((resolve) => {
    let pings = 0
    ada.socket.io.engine.on('packet', ({ type }) => type === 'ping' && ++pings === 4 && resolve())
  })
  expect(server.count('pr:atelier').clients).toBe(1)
  expect(ada.socket.connected).toBe(true)
})
