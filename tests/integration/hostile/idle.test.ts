import { expect, test } from 'vitest'
import { connectStock } from '../stock-client.ts'
import { connectPair } from './pair.ts'
import { greetRaw, openRaw, textFrame, upgradeRequest, webSocketPath } from './raw-socket.ts'
import { serveApart } from './served.ts'

/** How many files a process may have open; each connection is one of the test's and one of the server's. */
function filesMax(): number {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | 'unlimited' } } }
  const soft = userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : Infinity
}

// What the processes have open besides.
const otherFiles = 500
// The queue of a listening socket takes so many.
const atOnce = 200

test(
  'ten thousand handshakes that stop half-way hold up nobody, and are gone after their time',
  { timeout: 120_000 },
  async () => {
    const count = Math.min(10_000, filesMax() - otherFiles)
    // Pings come so late that nobody is ended for an answer that is missing.
    const server = await serveApart({ limits: { handshakeMs: 6_000 }, heldTtlMinMs: 400_000 })
    const pair = await connectPair(server.url, 'pr:pair')
    const before = await server.look()
    const idle: ReturnType<typeof openRaw>[] = []
    let most = 0
    const open = async (): Promise<void> => {
      while (idle.length < count) {
        const some = Array.from({ length: Math.min(atOnce, count - idle.length) }, () => openRaw(server.port))
        // Of three kinds: a WebSocket without CONNECT, half a request, and nothing at all.
        for (const [at, { tcp }] of some.entries()) {
          if (at % 10 === 0) tcp.write('GET /socket.io/?EIO=4')
          else if (at % 10 !== 1) tcp.write(upgradeRequest(webSocketPath))
        }
        await Promise.all(some.filter((_, at) => at % 10 > 1).map(({ hears }) => hears('"sid"')))
        idle.push(...some)
      }
      most = (await server.look()).sockets - before.sockets
    }
    await pair.during(open())
    console.info(
      `${count} handshakes, of which ${most} were open at a time; ${pair.exchanged} updates sent and seen so far`,
    )
    await pair.during(Promise.all(idle.map(({ ended }) => ended)))
    await pair.stop()
    const { sockets, connections, timers } = before
    const now = async () => {
      const seen = await server.look()
      return { connections: seen.connections, sockets: seen.sockets, timers: Math.max(timers, seen.timers) }
    }
    await expect.poll(now, { timeout: 30_000 }).toEqual({ connections, sockets, timers })
    expect((await server.look()).errors).toEqual([])
  },
)

test('[A2] a flood from one connection ends it, and the others are served', async () => {
  const server = await serveApart()
  const pair = await connectPair(server.url, 'pr:pair')
  const flood = await greetRaw(server.port)
  const messages = Buffer.concat(Array.from({ length: 20_000 }, (_, at) => textFrame(`42["t",${at + 1}]`)))
  flood.tcp.write(messages)
  await pair.during(flood.ended)
  expect(flood.got).toContain('"code":"rate-limited"')
  expect(flood.got).toContain('"event":"connect"')
  // Puts that come too fast are not refused (A3), and wait without holding up anybody else's.
  const { socket } = await connectStock(server.url)
  for (let n = 1; n <= 900; n++) socket.emit('p', [['pr:pair', n, 30_000, 1, `flood ${n}`]])
  await pair.during(socket.emitWithAck('t', 1))
  await expect.poll(async () => (await server.look()).connections).toBe(3)
  await pair.stop()
})
