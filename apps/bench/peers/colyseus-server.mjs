import { createServer } from 'node:http'
import { Room, Server } from '@colyseus/core'
import { WebSocketTransport } from '@colyseus/ws-transport'
import { Cursor, State } from './colyseus-state.mjs'

const patchMs = 50

class CursorRoom extends Room {
  patchRate = patchMs

  onCreate() {
    this.state = new State()
    this.onMessage('cursor', (client, { x, y }) => {
      let cursor = this.state.cursors.get(client.sessionId)
      if (!cursor) this.state.cursors.set(client.sessionId, (cursor = new Cursor()))
      cursor.x = x
      cursor.y = y
    })
  }

  onLeave(client) {
    this.state.cursors.delete(client.sessionId)
  }
}

/** Colyseus as it comes, with its schema state and 20 patches a second. */
export async function serve({ port }) {
  const http = createServer()
  const server = new Server({
    greet: false,
    gracefullyShutdown: false,
    transport: new WebSocketTransport({ server: http }),
  })
  server.define('cursors', CursorRoom).filterBy(['room'])
  await server.listen(port, '127.0.0.1', 4_096)
  return {
    port: http.address().port,
    close: () => server.gracefullyShutdown(false),
  }
}
