import { createPresenceServer, type Identity } from '@app/server'
import { expect, onTestFinished, test } from 'vitest'
import { connectStock, stockClient, type StockClient } from '../stock-client.ts'

const room = 'pr:board'

/** A server where tokens are names of identities, which a test may change. */
async function startServer(identities: Record<string, Identity>) {
  const auth = ({ token = '' }: { token: string | undefined }) =>
    Object.hasOwn(identities, token) ? identities[token] : undefined
  const server = createPresenceServer({ auth, logger: { debug() {}, info() {}, warn() {}, error() {} } })
  onTestFinished(() => server.close())
  const { url } = await server.listen({ port: 0 })
  const connect = (token: string, who: object = {}): Promise<StockClient> => connectStock(url, { token, ...who })
  return { server, url, connect }
}

const put = (n: number, data: unknown, key = room): unknown[][] => [[key, n, 60_000, 1, data]]

test('[A1] who has another’s clientId but not its secret can do nothing to it', async () => {
  const { server, url, connect } = await startServer({ ada: { user: { id: 'ada' } }, eve: { user: { id: 'eve' } } })
  const ada = await connect('ada')
  await ada.socket.emitWithAck('p', put(1, 'ada'))
  for (const secret of ['0'.repeat(32), ada.secret.toUpperCase(), `${ada.secret}0`, '']) {
    const thief = stockClient(url, { clientId: ada.clientId, secret, token: 'eve' })
    expect(await thief.next('connect_error')).toMatchObject([
      { code: expect.stringMatching(/client-id-taken|bad-message/) },
    ])
  }
  // Nor does a message name whose entry it means: each is of the sender's own.
  const eve = await connect('eve')
  await eve.socket.emitWithAck('l', room, 99)
  await eve.socket.emitWithAck('bye')
  expect(await eve.socket.emitWithAck('kick', room, ada.clientId)).toMatchObject({ code: 'bad-message' })
  expect(server.snapshot(room)).toMatchObject([{ clientId: ada.clientId, data: 'ada', user: { id: 'ada' } }])
  expect(ada.socket.connected).toBe(true)
})

test('[A1] [U1] who has stolen id and secret, and has no token, can do nothing', async () => {
  const { server, url, connect } = await startServer({ ada: { user: { id: 'ada' } } })
  const { clientId, secret, socket } = await connect('ada')
  await socket.emitWithAck('p', put(1, 'ada'))
  for (const token of [undefined, 'guessed', '__proto__']) {
    const thief = stockClient(url, { clientId, secret, token })
    expect(await thief.next('connect_error')).toMatchObject([{ code: 'unauthorized' }])
  }
  expect(await socket.emitWithAck('t', 1)).toBeNull()
  expect(server.snapshot(room)).toMatchObject([{ data: 'ada', user: { id: 'ada' } }])
})

/*
 * The secret is what makes a client the same client. With it and a token of its own the thief takes the client over, as
 * the client itself would after a lost connection: it ends the other's connection, and changes or removes its entries
 * where it may write. It never becomes the other's user: everyone sees the thief's own.
 */
test('[A1] [U1] who has stolen id and secret takes the client over under its own name and permissions only', async () => {
  const { server, connect } = await startServer({
    ada: { user: { id: 'ada' } },
    eve: { user: { id: 'eve' }, rooms: ['pr:board'] },
    watch: {},
  })
  const watch = await connect('watch')
  await watch.socket.emitWithAck('enter', room)
  const ada = await connect('ada')
  await ada.socket.emitWithAck('p', put(1, 'ada'))
  await ada.socket.emitWithAck('p', put(2, 'ada', 'pr:private'))
  const thief = await connect('eve', { clientId: ada.clientId, secret: ada.secret, user: { id: 'ada' } })
  expect(await ada.next('disconnect')).toEqual(['io server disconnect'])
  expect(server.snapshot(room)).toMatchObject([{ data: 'ada', user: { id: 'eve' } }])
  // Where the thief may not write, the entry is gone instead of being its.
  expect(server.snapshot('pr:private')).toEqual([])
  expect(await thief.socket.emitWithAck('enter', 'pr:private')).toMatchObject({ code: 'not-allowed' })
  await thief.socket.emitWithAck('p', put(3, 'stolen'))
  expect(server.snapshot(room)).toMatchObject([{ data: 'stolen', user: { id: 'eve' } }])
  await expect.poll(() => JSON.stringify(watch.rest())).toContain('"stolen"')
})

test('[S5] after a permission is withdrawn not one delta of the room comes any more', async () => {
  const identities: Record<string, Identity> = { ada: { rooms: ['pr:**'] }, grace: {} }
  const { connect } = await startServer(identities)
  const [ada, grace] = [await connect('ada'), await connect('grace')]
  for (const { socket } of [ada, grace])
    for (const key of [room, `${room}/cursors`]) await socket.emitWithAck('enter', key)
  await ada.socket.emitWithAck('count', room)
  let n = 0
  /** Puts, until grace has seen it herself. */
  const putSeen = async (): Promise<void> => {
    const [data, cursor] = [`seen ${++n}`, `moved ${++n}`]
    let seen = ''
    grace.socket.emit('p', [...put(n - 1, data), ...put(n, cursor, `${room}/cursors`)])
    const look = (): string => (seen += JSON.stringify(grace.rest()))
    await expect.poll(look, { timeout: 10_000, interval: 5 }).toContain(cursor)
  }
  await putSeen()
  await expect.poll(() => JSON.stringify(ada.rest())).toContain('seen 1')
  identities['ada'] = { rooms: ['pr:elsewhere'] }
  // In the middle of things: what was put before may still be told, or not.
  grace.socket.emit('p', put(++n, 'in between'))
  expect(await ada.socket.emitWithAck('auth', 1, { token: 'ada' })).toBeNull()
  await ada.socket.emitWithAck('t', 1)
  ada.rest()
  for (let i = 0; i < 20; i++) await putSeen()
  expect(await ada.socket.emitWithAck('enter', room)).toMatchObject({ code: 'not-allowed' })
  expect(await ada.socket.emitWithAck('t', 2)).toBeNull()
  expect(ada.rest().filter(([event]) => event !== 't')).toEqual([])
})

test('[S5] a token that ends, ends its connection; nothing comes afterwards, and it opens no other', async () => {
  const identities: Record<string, Identity> = { ada: {}, grace: {} }
  const { server, url, connect } = await startServer(identities)
  const [ada, grace] = [await connect('ada'), await connect('grace')]
  await ada.socket.emitWithAck('enter', room)
  identities['ada'] = { expiresAtMs: Date.now() + 1_000 }
  expect(await ada.socket.emitWithAck('auth', 1, { token: 'ada' })).toBeNull()
  expect(await ada.next('refused')).toMatchObject([{ event: 'connect', code: 'token-expired', canRetry: true }])
  await ada.next('disconnect')
  await grace.socket.emitWithAck('p', put(1, 'afterwards'))
  expect(server.count(room).clients).toBe(1)
  expect(ada.rest().filter(([event]) => event === 'd' || event === 's')).toEqual([
    ['s', room, expect.any(Number), expect.any(String), 0, []],
  ])
  const again = stockClient(url, { clientId: ada.clientId, secret: ada.secret, token: 'ada' })
  expect(await again.next('connect_error')).toMatchObject([{ code: 'token-expired' }])
})

test('[S5] whoever may not read a room hears the same of it whether somebody is there or nobody', async () => {
  const { connect } = await startServer({ ada: {}, eve: { rooms: ['pr:lobby'] } })
  const ada = await connect('ada')
  for (const [at, key] of ['pr:full', 'pr:full/cursors'].entries())
    await ada.socket.emitWithAck('p', put(at + 1, 'x', key))
  const ask = async (key: string): Promise<string> => {
    // A client of its own for each room, so that neither hears what comes of an earlier question.
    const eve = await connect('eve')
    const answers: unknown[] = []
    for (const each of [key, `${key}/cursors`]) {
      for (const event of ['enter', 'count', 'exit', 'uncount']) answers.push(await eve.socket.emitWithAck(event, each))
      answers.push(await eve.socket.emitWithAck('p', put(1, 'x', each)), await eve.socket.emitWithAck('l', each, 2))
    }
    answers.push(eve.rest())
    return JSON.stringify(answers)
  }
  const [full, none] = [await ask('pr:full'), await ask('pr:none')]
  expect(full.replaceAll('pr:full', 'pr:none')).toBe(none)
  expect(full).toContain('not-allowed')
})
