// Tokens from a Hono application: POST /presence-token answers with one for whoever is logged in.
// PRESENCE_JWT_SECRET='the same as that of presence-server' node examples/dist/tokens/hono.js
import { createToken } from '@app/server'
import { serve } from '@hono/node-server'
import { Hono, type HonoRequest } from 'hono'

const sessions = new Map([['session=of-ada', { id: 'ada', name: 'Ada' }]])
// Who is logged in. Ask your own sessions here.
const userOf = (request: HonoRequest) => sessions.get(request.header('cookie') ?? '')

const app = new Hono()

app.post('/presence-token', async (context) => {
  const user = userOf(context.req)
  if (!user) return context.json({ error: 'Log in first.' }, 401)
  const grant = { user, rooms: ['pr:lobby', 'pr:user-{userId}'], ttlMs: 15 * 60_000 }
  return context.json({ token: await createToken(grant, process.env.PRESENCE_JWT_SECRET ?? '') })
})

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3_000), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`Listening on http://127.0.0.1:${port}`)
})
