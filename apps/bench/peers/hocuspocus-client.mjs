import { randomInt } from 'node:crypto'
import { createDecoder, readVarString, readVarUint } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from 'lib0/encoding'
import { encodeState, readStates } from './awareness.mjs'

const messageAuth = 2
const authToken = 0
const authDenied = 1
const authDone = 2

/** Hocuspocus' provider, as far as awareness goes: every message begins with the document's name. */
export const createPeer = (openSocket) => ({
  connect: ({ port, room, onFrame, onClose }) =>
    new Promise((resolve, reject) => {
      const clientId = randomInt(2 ** 32)
      const head = (encoder) => writeVarString(encoder, room)
      let clock = 0
      let isIn = false
      const socket = openSocket(`ws://127.0.0.1:${port}/`)
      socket.on('error', reject)
      socket.on('close', () => onClose?.())
      socket.on('open', () => {
        const encoder = createEncoder()
        head(encoder)
        writeVarUint(encoder, messageAuth)
        writeVarUint(encoder, authToken)
        writeVarString(encoder, 'bench')
        socket.send(toUint8Array(encoder))
      })
      socket.on('message', (frame) => {
        onFrame(frame)
        if (isIn) return
        const decoder = createDecoder(frame)
        readVarString(decoder)
        if (readVarUint(decoder) !== messageAuth) return
        const answer = readVarUint(decoder)
        if (answer === authDenied) reject(new Error('Hocuspocus refused.'))
        if (answer !== authDone) return
        isIn = true
        resolve({
          name: clientId,
          put: (x, y) => socket.send(encodeState(head, clientId, ++clock, `{"x":${x},"y":${y}}`)),
          freeze: () => socket.pause(),
          close: () => socket.terminate(),
        })
      })
    }),

  createDecoder: () => (frame, see) => {
    const decoder = createDecoder(frame)
    readVarString(decoder)
    readStates(decoder, see)
  },
})
