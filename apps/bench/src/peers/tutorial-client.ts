import type { LightClient, Peer } from './peer.ts'
import { connectSocketIo } from './socket-io-frames.ts'

export const tutorial: Peer = {
  connect: ({ port, room, listens, onFrame, onClose }) =>
    new Promise<LightClient>((resolve, reject) => {
      let name = ''
      connectSocketIo({
        port,
        onFrame,
        onClose,
        onError: reject,
        onConnected(sid, connection) {
          name = sid
          // An idle connection of the comparison is in no room at all.
          if (listens) return connection.send(`420["join","${room}"]`)
          connection.settled()
          resolve(clientOf(connection, name))
        },
        onEvent(text, connection) {
          if (!text().startsWith('30')) return
          connection.settled()
          resolve(clientOf(connection, name))
        },
      })
    }),

  createDecoder: () => (frame, see) => {
    if (frame[1] !== 0x32) return
    const [event, cursors] = JSON.parse(frame.toString('utf8', 2)) as [string, Cursor | Cursor[]]
    if (event !== 'cursor' && event !== 'cursors') return
    for (const { id, x } of Array.isArray(cursors) ? cursors : [cursors]) see(id, x)
  },
}

interface Cursor {
  readonly id: string
  readonly x: number
}

function clientOf(connection: ReturnType<typeof connectSocketIo>, name: string): LightClient {
  return {
    name,
    put: (x, y, note) =>
      connection.send(`42["cursor",{"x":${x},"y":${y}${note === undefined ? '' : `,"note":"${note}"`}}]`),
    freeze: () => connection.freeze(),
    close: () => connection.close(),
  }
}
