import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPresenceClient } from '@app/client'
import { Server as Engine, type Socket } from 'engine.io'
import { expect, onTestFinished, test, vi } from 'vitest'

/*
 * What our client makes of Socket.IO's packets, from a server that is nothing but an engine and sends what it likes.
 */

const hello = {
  ...{ v: 1, epoch: 'one', nowMs: 0, user: null, heldTtlMinMs: 20_000, windowMs: 10_000 },
  ...{ sendMs: 33, dataBytes: 4_096, keyBytes: 256 },
}

/** A client whose server answers its greeting, and every later packet, as `answer` says. */
async function clientOf(answer: (packet: string, socket: Socket) => void) {
  const engine = new Engine()
  const http = createServer()
  engine.attach(http, { path: '/under/socket.io/' })
  const came: string[] = []
  let closed = 0
  engine.on('connection', (socket: Socket) => {
    socket.on('close', () => closed++)
    socket.on('message', (packet: string) => {
      came.push(packet)
      answer(packet, socket)
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  const client = createPresenceClient({ url: `http://127.0.0.1:${port}/under/` })
  const errors: string[] = []
  const statuses: string[] = []
  client.onError(({ code, message }) => void errors.push(`${code}: ${message}`))
  client.onStatus((status) => void statuses.push(status))
  onTestFinished(() => {
    client.close()
    engine.close()
    http.close()
  })
  return { client, came, errors, statuses, closed: () => closed }
}

function greet(packet: string, socket: Socket): void {
  if (packet[0] !== '0') return
  socket.send('0{"sid":"any"}')
  socket.send(`2${JSON.stringify(['hello', hello])}`)
}

test('it greets with its handshake, sends events, and says goodbye before it closes', async () => {
  const { client, came, closed } = await clientOf(greet)
  await client.waitForConnected(5_000)
  expect(JSON.parse(came[0]?.slice(1) ?? '')).toMatchObject({ v: 1, clientId: client.clientId })
  client.presence('pr:room').heartbeat('hi', 5_000)
  await expect.poll(() => came).toContain('2["enter","pr:room"]')
  client.close()
  await expect.poll(closed).toBe(1)
  expect(came.slice(-2)).toEqual(['2["bye"]', '1'])
})

test('[A2] a refusal of the connection is the error that the server gave', async () => {
  const refusal = { code: 'unsupported-version', message: 'Too old.', canRetry: false }
  const { client, errors } = await clientOf((_, socket) =>
    socket.send(`4${JSON.stringify({ message: 'no', data: refusal })}`),
  )
  await expect(client.waitForConnected(5_000)).rejects.toMatchObject({ code: 'unsupported-version' })
  expect(errors).toEqual(['unsupported-version: Too old.'])
})

test('[A2] a refusal without a reason of ours is told in its own words, and tried again', async () => {
  const { client, errors } = await clientOf((_, socket) => socket.send('4{"message":"Invalid namespace"}'))
  client.connect()
  await expect.poll(() => errors.length).toBe(1)
  expect(errors[0]).toContain('connection-failed')
  expect(errors[0]).toContain('Invalid namespace')
  expect(client.status).toBe('connecting')
})

const odd = ['bad-message: The server sent what is no event.']

test.each([
  ["the server's goodbye", '1', []],
  ['no JSON', '2["hello",', odd],
  ['an event that is no list', '2{}', odd],
  ['an event with an attachment', '51-["d",{"_placeholder":true,"num":0}]', odd],
  ['nothing', '', odd],
  ['bytes', Buffer.from([1, 2, 3]), odd],
])('%s ends the connection, and it is made anew', async (_, packet, told) => {
  const sockets: Socket[] = []
  const { client, statuses, closed, errors } = await clientOf((greeting, socket) => {
    greet(greeting, socket)
    if (greeting[0] === '0') sockets.push(socket)
  })
  await client.waitForConnected(5_000)
  sockets[0]?.send(packet)
  await expect.poll(() => statuses.at(-1)).toBe('reconnecting')
  await expect.poll(closed).toBe(1)
  expect(errors).toEqual(told)
})

test('[C1] a client whose machine slept knows with its next message that the connection is dead', async () => {
  const { client, came, statuses } = await clientOf(greet)
  await client.waitForConnected(5_000)
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000)
  onTestFinished(() => void vi.restoreAllMocks())
  client.presence('pr:room').value()
  await expect.poll(() => statuses.at(-1)).toBe('reconnecting')
  expect(came.filter((packet) => packet.includes('enter'))).toEqual([])
})
