import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPresenceClient, type PresenceClient } from '@app/client'
import { createPresenceServer, jwt } from '@app/server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { POST } from '../../examples/tokens/next.ts'
import { root, runScript } from './script.ts'

/*
 * How an application's own back end hands out tokens: each example is run as its first lines say, and what it hands out
 * lets a client into a server that knows the same secret.
 */

const secret = 'correct horse battery staple, and 32 bytes'
const folder = join(root, 'examples', 'tokens')

/** Asks for a token, as a page does that is logged in or not. */
type Ask = (headers: Record<string, string>) => Promise<Response>

/** Starts an example on a free port; it ends with the test. */
async function started(name: string): Promise<Ask> {
  const env = { PORT: '0', PRESENCE_JWT_SECRET: secret }
  const application = runScript(process.execPath, [join(root, 'examples', 'dist', 'tokens', `${name}.js`)], { env })
  const [url = ''] = await application.says(/http:\S+/)
  return (headers) => fetch(`${url}/presence-token`, { method: 'POST', headers })
}

async function called(): Promise<Ask> {
  vi.stubEnv('PRESENCE_JWT_SECRET', secret)
  onTestFinished(() => void vi.unstubAllEnvs())
  return (headers) => POST(new Request('http://localhost/presence-token', { method: 'POST', headers }))
}

function connect(url: string, token?: string): PresenceClient {
  const client = createPresenceClient({ url, token, user: { id: 'grace' } })
  onTestFinished(() => client.close())
  client.onError(() => {})
  return client
}

test.each([
  ['express', () => started('express')],
  ['fastify', () => started('fastify')],
  ['hono', () => started('hono')],
  ['next', called],
])('[U1] %s: who is logged in gets a token, and is by it who they are in the rooms', async (_name, start) => {
  const ask = await start()
  const stranger = await ask({})
  expect(stranger.status).toBe(401)
  expect(await stranger.json()).not.toHaveProperty('token')

  const { token } = (await (await ask({ cookie: 'session=of-ada' })).json()) as { token: string }
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { rooms: string[] }
  expect(claims).toMatchObject({ sub: 'ada', rooms: ['pr:lobby', 'pr:user-{userId}'] })
  expect(claims.rooms).not.toContain('pr:cellar')

  const server = createPresenceServer({ auth: jwt({ secret }) })
  onTestFinished(() => server.close())
  const { url } = await server.listen({ port: 0 })
  connect(url, token).presence('pr:lobby').track('here')
  await expect
    .poll(() => server.snapshot('pr:lobby'), { timeout: 10_000 })
    .toMatchObject([{ user: { id: 'ada', name: 'Ada' }, data: 'here' }])
  await expect(connect(url).waitForConnected()).rejects.toMatchObject({ code: 'unauthorized', canRetry: false })
})

test('each is about twenty lines', () => {
  const names = readdirSync(folder)
  expect(names).toEqual(['express.ts', 'fastify.ts', 'hono.ts', 'next.ts'])
  for (const name of names) expect(readFileSync(join(folder, name), 'utf8').split('\n').length, name).toBeLessThan(28)
})
