import { createServer } from 'node:http'
import { WebSocketServer, type WebSocket } from 'ws'
import { listen } from './listen.ts'
import type { Serve } from './peer.ts'

const tickMs = 33

interface Room {
  readonly sockets: Set<WebSocket>
  readonly cursors: Map<number, readonly [x: number, y: number]>
  readonly dirty: Set<number>
}

/**
 * As little as a server can do: a tick for all rooms, the newest cursor of each client in it, encoded once. It knows that
 * data is two numbers, and has no leases, versions, limits or store. The limit that others are held against.
 */
export const serve: Serve = async ({ port }) => {
  const http = createServer()
  const server = new WebSocketServer({ server: http, perMessageDeflate: false })
  const rooms = new Map<string, Room>()
  let lastId = 0

  server.on('connection', (socket, request) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const room = open(rooms, searchParams.get('room') ?? '')
    const id = ++lastId
    socket.send(`{"id":${id}}`)
    if (searchParams.get('listens') === '1') {
      if (room.cursors.size > 0) socket.send(encode(room, room.cursors.keys()), asText)
      room.sockets.add(socket)
    }
    socket.on('message', (message: Buffer) => {
      const [x, y] = JSON.parse(message.toString()) as [number, number]
      if (!Number.isFinite(x) || !Number.isFinite(y)) return
      room.cursors.set(id, [x, y])
      room.dirty.add(id)
    })
    socket.on('close', () => {
      room.sockets.delete(socket)
      room.cursors.delete(id)
      room.dirty.delete(id)
    })
  })

  const timer = setInterval(() => {
    for (const room of rooms.values()) flush(room)
  }, tickMs)
  return {
    port: await listen(http, port),
    async close() {
      clearInterval(timer)
      for (const socket of server.clients) socket.terminate()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

const asText = { binary: false }

function flush(room: Room): void {
  if (room.dirty.size === 0) return
  if (room.sockets.size > 0) {
    const frame = encode(room, room.dirty)
    for (const socket of room.sockets) socket.send(frame, asText)
  }
  room.dirty.clear()
}

function encode({ cursors }: Room, ids: Iterable<number>): Buffer {
  const flat: number[] = []
  for (const id of ids) {
    const cursor = cursors.get(id)
    if (cursor) flat.push(id, cursor[0], cursor[1])
  }
  return Buffer.from(JSON.stringify(flat))
}

function open(rooms: Map<string, Room>, key: string): Room {
  const room = rooms.get(key) ?? { sockets: new Set(), cursors: new Map(), dirty: new Set() }
  rooms.set(key, room)
  return room
}
