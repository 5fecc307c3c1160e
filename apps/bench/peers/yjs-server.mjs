import { createServer } from 'node:http'
import { setupWSConnection } from '@y/websocket-server/utils'
import { WebSocketServer } from 'ws'

/** y-websocket's server as its own program sets it up; what it does not persist by default is not persisted here. */
export async function serve({ port }) {
  const http = createServer()
  const server = new WebSocketServer({ server: http, perMessageDeflate: false })
  server.on('connection', (socket, request) => setupWSConnection(socket, request))
  await new Promise((resolve) => http.listen({ port, host: '127.0.0.1', backlog: 4_096 }, resolve))
  return {
    port: http.address().port,
    async close() {
      for (const socket of server.clients) socket.terminate()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}
