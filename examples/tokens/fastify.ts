// Tokens from a Fastify application: POST /presence-token answers with one for whoever is logged in.
// PRESENCE_JWT_SECRET='the same as that of presence-server' node examples/dist/tokens/fastify.js
import { createToken } from '@app/server'
import { fastify, type FastifyRequest } from 'fastify'

const sessions = new Map([['session=of-ada', { id: 'ada', name: 'Ada' }]])
// Who is logged in. Ask your own sessions here.
const userOf = (request: FastifyRequest) => sessions.get(request.headers.cookie ?? '')

const app = fastify()

app.post('/presence-token', async (request, reply) => {
  const user = userOf(request)
  if (!user) return reply.code(401).send({ error: 'Log in first.' })
  const grant = { user, rooms: ['pr:lobby', 'pr:user-{userId}'], ttlMs: 15 * 60_000 }
  return { token: await createToken(grant, process.env.PRESENCE_JWT_SECRET ?? '') }
})

console.log(`Listening on ${await app.listen({ port: Number(process.env.PORT ?? 3_000), host: '127.0.0.1' })}`)
