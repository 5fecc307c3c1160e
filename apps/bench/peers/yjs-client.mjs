import { randomInt } from 'node:crypto'
import { createDecoder } from 'lib0/decoding'
import { encodeState, readStates } from './awareness.mjs'

const nothing = () => {}

/** y-websocket's client, as far as awareness goes. */
export const createPeer = (openSocket) => ({
  connect: ({ port, room, onFrame, onClose }) =>
    new Promise((resolve, reject) => {
      const clientId = randomInt(2 ** 32)
      let clock = 0
      const socket = openSocket(`ws://127.0.0.1:${port}/${room}`)
      socket.on('error', reject)
      socket.on('close', () => onClose?.())
      socket.on('message', onFrame)
      socket.on('open', () =>
        resolve({
          name: clientId,
          put: (x, y) => socket.send(encodeState(nothing, clientId, ++clock, `{"x":${x},"y":${y}}`)),
          freeze: () => socket.pause(),
          close: () => socket.terminate(),
        }),
      )
    }),

  createDecoder: () => (frame, see) => readStates(createDecoder(frame), see),
})
