import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { listen } from './listen.ts'
import type { Serve } from './peer.ts'

/** What every tutorial shows: whoever moves is broadcast to the room, at once and in words. */
export const serve: Serve = async ({ port }) => {
  const http = createServer()
  // The pings of ours, so that idle connections can be compared.
  const io = new Server(http, { pingInterval: 10_000, pingTimeout: 8_000 })
  const cursors = new Map<string, Map<string, object>>()
  io.on('connection', (socket) => {
    socket.on('join', (room: string, done: () => void) => {
      void socket.join(room)
      const known = cursors.get(room) ?? new Map<string, object>()
      cursors.set(room, known)
      socket.emit('cursors', [...known.values()])
      socket.on('cursor', (cursor: object) => {
        const whole = { id: socket.id, ...cursor }
        known.set(socket.id, whole)
        socket.broadcast.to(room).emit('cursor', whole)
      })
      socket.on('disconnect', () => known.delete(socket.id))
      done()
    })
  })
  return {
    port: await listen(http, port),
    async close() {
      await io.close()
    },
  }
}
