// Presence inside an HTTP server of your own: your routes stay yours, and they can ask who is there.
// node examples/dist/own-server.js, then http://localhost:3000
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPresenceServer, sqliteStore } from '@app/server'

const presence = createPresenceServer({
  store: sqliteStore({ file: process.env.PRESENCE_DB ?? 'presence.db' }),
  // Who a client is. Without `auth`, clients say so themselves, and only this machine is let in.
  auth: ({ token }) => (token === 'the-secret-of-ada' ? { user: { id: 'ada', name: 'Ada' } } : null),
})

// Your handlers first: attach() takes what is Socket.IO's and leaves the rest to them.
const http = createServer((request, response) => {
  const here = presence.snapshot('pr:atelier').map(({ user, data }) => ({ user: user?.name, data }))
  response.end(request.url === '/who' ? JSON.stringify(here) : 'A page of mine.\n')
})
presence.attach(http)

http.listen(Number(process.env.PORT ?? 3_000), '127.0.0.1', () => {
  console.log(`Listening on http://localhost:${(http.address() as AddressInfo).port}`)
})

// Tells clients to come back later and writes what is to be kept.
process.once('SIGTERM', () => void presence.close().then(() => http.close()))
