import { createPresenceServer } from '@app/server'
import { expect, onTestFinished, test } from 'vitest'
import { connectStock, stockClient } from '../stock-client.ts'

/*
 * A browser lets any page open a WebSocket anywhere, and says only where the page is from. Over a WebSocket as over
 * polling, nothing but a refusal comes back to a page that is not let in.
 */

async function startServer(options: Parameters<typeof createPresenceServer>[0] = {}) {
  const server = createPresenceServer(options)
  onTestFinished(() => server.close())
  return server.listen({ port: 0 })
}

/** Over polling, Socket.IO's client for Node writes the Host itself. */
const transportsFor = (headers: Record<string, string>): string[] =>
  'Host' in headers ? ['websocket'] : ['websocket', 'polling']

async function refused(url: string, extraHeaders: Record<string, string>): Promise<void> {
  for (const transport of transportsFor(extraHeaders)) {
    const page = stockClient(url, {}, { transports: [transport], extraHeaders })
    expect(await page.next('connect_error'), JSON.stringify(extraHeaders)).toMatchObject([
      { code: 'origin-refused', canRetry: false },
    ])
    page.socket.emit('enter', 'pr:a')
    expect(page.rest()).toEqual([])
  }
}

async function letIn(url: string, extraHeaders: Record<string, string>): Promise<void> {
  for (const transport of transportsFor(extraHeaders))
    await connectStock(url, {}, { transports: [transport], extraHeaders })
}

test('[A4] on loopback, a page from elsewhere is not let in, whatever names it has pointed at this machine', async () => {
  const { url, port } = await startServer()
  await refused(url, { Origin: 'https://evil.example' })
  await refused(url, { Origin: 'null' })
  // DNS rebinding: to the browser it is the page's own server, so it may send no Origin with what it asks for.
  await refused(url, { Host: `evil.example:${port}`, Origin: `http://evil.example:${port}` })
  await refused(url, { Host: `evil.example:${port}` })
  await refused(url, { Host: 'localhost.evil.example', Origin: 'http://localhost:5173' })
  await refused(url, { Origin: 'http://127.0.0.1.evil.example' })
  await refused(url, { Origin: 'http://localhost@evil.example' })
  await letIn(url, { Origin: url })
  await letIn(url, { Origin: 'http://127.0.0.1:5173', Host: `127.0.0.1:${port}` })
})

test('[A4] an open server lets in pages of its own origin, and no others, whatever they say they asked for', async () => {
  const { url, port } = await startServer({ open: true })
  await letIn(url, { Origin: url })
  await letIn(url, { Host: 'app.example', Origin: 'https://app.example' })
  await refused(url, { Origin: 'https://evil.example' })
  await refused(url, { Origin: 'null' })
  await refused(url, { Host: 'app.example', Origin: 'https://app.example.evil.example' })
  await refused(url, { Host: 'app.example', Origin: 'https://app.example:8443' })
  // Of another program on this machine.
  await refused(url, { Origin: `http://localhost:${port + 1}` })
  await refused(url, { Origin: 'https://evil.example', 'X-Forwarded-Host': 'evil.example' })
})
