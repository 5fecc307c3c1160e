import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPresenceServer } from '@app/server'
import { expect, onTestFinished, test } from 'vitest'
import { openRaw, upgradeRequest } from './raw-socket.ts'
import { serveApart } from './served.ts'

test('an upgrade that nobody takes is refused, keeps no socket open, and its reset does not end the server', async () => {
  const server = await serveApart()
  for (const path of ['/', '/other', '/socket.io', '/SOCKET.IO/?EIO=4&transport=websocket', '//socket.io/']) {
    const polite = openRaw(server.port)
    polite.tcp.write(upgradeRequest(path))
    expect(await polite.hears('404 Not Found'), path).toBe(true)
    await polite.ended
    const rude = openRaw(server.port)
    rude.tcp.write(upgradeRequest(path), () => rude.tcp.resetAndDestroy())
    await rude.ended
  }
  await expect.poll(async () => (await server.look()).sockets, { timeout: 10_000 }).toBe(0)
})

test('on a server of somebody else’s, upgrades that it looks after itself stay with it', async () => {
  const http = createServer()
  const server = createPresenceServer()
  onTestFinished(async () => {
    await server.close()
    http.close()
  })
  server.attach(http)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  const alone = openRaw(port)
  alone.tcp.write(upgradeRequest('/theirs'))
  expect(await alone.hears('404 Not Found')).toBe(true)
  http.on('upgrade', (request, socket) => {
    if (request.url === '/theirs') socket.end('HTTP/1.1 418 Theirs\r\n\r\n')
  })
  const theirs = openRaw(port)
  theirs.tcp.write(upgradeRequest('/theirs'))
  expect(await theirs.hears('418 Theirs')).toBe(true)
})
