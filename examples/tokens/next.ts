// Tokens from a Next.js application: POST /presence-token answers with one for whoever is logged in.
// It goes to app/presence-token/route.ts, and PRESENCE_JWT_SECRET, the same as that of presence-server, to .env.local.
import { createToken } from '@app/server'

// Signing needs Node, not the edge: @app/server brings the whole server with it.
export const runtime = 'nodejs'

const sessions = new Map([['session=of-ada', { id: 'ada', name: 'Ada' }]])
// Who is logged in. Ask your own sessions here.
const userOf = (request: Request) => sessions.get(request.headers.get('cookie') ?? '')

export async function POST(request: Request): Promise<Response> {
  const user = userOf(request)
  if (!user) return Response.json({ error: 'Log in first.' }, { status: 401 })
  const grant = { user, rooms: ['pr:lobby', 'pr:user-{userId}'], ttlMs: 15 * 60_000 }
  return Response.json({ token: await createToken(grant, process.env.PRESENCE_JWT_SECRET ?? '') })
}
