import type { LightClient, Peer } from './peer.ts'
import { freeze, openSocket } from './socket.ts'

export const ws: Peer = {
  connect: ({ port, room, listens, onFrame, onClose }) =>
    new Promise<LightClient>((resolve, reject) => {
      const socket = openSocket(`ws://127.0.0.1:${port}/?room=${encodeURIComponent(room)}&listens=${listens ? 1 : 0}`)
      socket.on('error', reject)
      socket.on('close', () => onClose?.())
      socket.on('message', onFrame)
      socket.once('message', (hello: Buffer) => {
        const { id } = JSON.parse(hello.toString()) as { id: number }
        resolve({
          name: id,
          put: (x, y) => socket.send(`[${x},${y}]`),
          freeze: () => freeze(socket),
          close: () => socket.terminate(),
        })
      })
    }),

  createDecoder: () => (frame, see) => {
    if (frame[0] !== 0x5b) return
    const flat = JSON.parse(frame.toString()) as number[]
    for (let i = 0; i < flat.length; i += 3) see(flat[i] ?? 0, flat[i + 1] ?? 0)
  },
}
