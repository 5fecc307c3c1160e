// Tokens from an Express application: POST /presence-token answers with one for whoever is logged in.
// PRESENCE_JWT_SECRET='the same as that of presence-server' node examples/dist/tokens/express.js
import type { AddressInfo } from 'node:net'
import { createToken } from '@app/server'
import express, { type Request } from 'express'

const sessions = new Map([['session=of-ada', { id: 'ada', name: 'Ada' }]])
// Who is logged in. Ask your own sessions here.
const userOf = (request: Request) => sessions.get(request.headers.cookie ?? '')

const app = express()

app.post('/presence-token', async (request, response) => {
  const user = userOf(request)
  if (!user) return void response.status(401).json({ error: 'Log in first.' })
  const grant = { user, rooms: ['pr:lobby', 'pr:user-{userId}'], ttlMs: 15 * 60_000 }
  response.json({ token: await createToken(grant, process.env.PRESENCE_JWT_SECRET ?? '') })
})

const server = app.listen(Number(process.env.PORT ?? 3_000), '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
