import { maskedFrame } from '@app/testkit'
import { expect, test } from 'vitest'
import { connectStock } from '../stock-client.ts'
import { connectPair } from './pair.ts'
import { greetRaw, introduction, openRaw, textFrame, upgradeRequest, webSocketPath } from './raw-socket.ts'
import type { RawSocket } from './raw-socket.ts'
import { serveApart, type Served } from './served.ts'

/*
 * Who sends and reads nothing: what waits for it in the server's memory has a bound. It sends only while the server reads,
 * and stops once that has ended the connection.
 */

// 16 MB may wait for a connection, one answer more, and what V8 has not tidied up.
const growthMaxMegabytes = 80

/** Sends the same bytes over and over, and reads nothing, until the server ends it. */
async function pour({ tcp, ended }: RawSocket, bytes: Uint8Array, times: number): Promise<void> {
  tcp.pause()
  for (let i = 0; i < times && tcp.writable; i++) {
    if (!tcp.write(bytes)) await Promise.race([new Promise((resolve) => tcp.once('drain', resolve)), ended])
  }
}

/** How many megabytes the server's memory has grown once it has taken what was sent before. */
async function growth(server: Served, before: number): Promise<number> {
  return (await server.look('tidy')).megabytes - before
}

test('a socket that asks for a large room again and again and reads nothing is ended with slow-client', async () => {
  const server = await serveApart({ limits: { dataBytes: 100_000, messagesPerSecond: 1_000_000 } })
  for (let i = 0; i < 20; i++) {
    const { socket } = await connectStock(server.url)
    expect(await socket.emitWithAck('p', [['pr:large', 1, 60_000, 1, 'x'.repeat(99_000)]])).toBeNull()
  }
  const pair = await connectPair(server.url, 'pr:pair')
  const { megabytes } = await server.look('tidy')
  const slow = await greetRaw(server.port)
  // Two megabytes each, ten gigabytes in all.
  const asked = pour(slow, textFrame('42["enter","pr:large"]'), 5_000)
  await pair.during(asked)
  await expect.poll(async () => (await server.look()).connections).toBe(22)
  expect(await growth(server, megabytes)).toBeLessThan(growthMaxMegabytes)
  slow.tcp.resume()
  await pair.during(slow.ended)
  expect(slow.got).toContain('"code":"slow-client"')
  await pair.stop()
})

test('a socket that has puts refused by the million and reads none of it is ended', async () => {
  const server = await serveApart()
  const pair = await connectPair(server.url, 'pr:pair')
  const { megabytes } = await server.look('tidy')
  const slow = await greetRaw(server.port)
  const rows = Array.from({ length: 40_000 }, () => ['no key', 1, 1, 1, 0])
  await pair.during(pour(slow, textFrame(`42${JSON.stringify(['p', rows])}`), 50))
  await expect.poll(async () => (await server.look()).connections).toBe(2)
  expect(await growth(server, megabytes)).toBeLessThan(growthMaxMegabytes)
  slow.tcp.resume()
  await pair.during(slow.ended)
  expect(slow.got).toContain('"event":"connect"')
  await pair.stop()
})

test('pings of a WebSocket whose answers are not read do not fill the memory', async () => {
  const server = await serveApart()
  const pair = await connectPair(server.url, 'pr:pair')
  const { megabytes } = await server.look('tidy')
  const slow = await greetRaw(server.port)
  slow.tcp.write(maskedFrame(Buffer.from('once'), { opcode: 9 }))
  expect(await slow.hears('\x8a\x04once')).toBe(true)
  const ping = maskedFrame(Buffer.alloc(125, 'x'), { opcode: 9 })
  const many = Buffer.concat(Array.from({ length: 1_000 }, () => ping))
  await pair.during(pour(slow, many, 2_000))
  expect(await growth(server, megabytes)).toBeLessThan(growthMaxMegabytes)
  await pair.stop()
})

test('[A1] one connection is one client, however often it introduces itself before it is answered', async () => {
  const server = await serveApart()
  const first = openRaw(server.port)
  first.tcp.write(upgradeRequest(webSocketPath))
  await first.hears('"sid"')
  first.tcp.write(Buffer.concat(Array.from({ length: 500 }, () => textFrame(introduction()))))
  await first.ended
  expect(first.got.split('"hello"').length - 1).toBeLessThanOrEqual(1)
  await expect.poll(async () => (await server.look()).connections).toBe(0)
  // The server has not become wary of those who introduce themselves once.
  await greetRaw(server.port)
  expect((await server.look()).connections).toBe(1)
})
