import { Decoder, encode } from '@colyseus/schema'
import { Packr } from 'msgpackr'
import { State } from './colyseus-state.mjs'

const joinRoom = 10
const error = 11
const roomData = 13
const roomState = 14
const roomStatePatch = 15

const packr = new Packr({ useRecords: false })
const head = headOf('cursor')
/** Which room of the server a room of ours is, per port: who comes first makes it. */
const roomIds = new Map()

/** Colyseus' client, as far as one room and its state go. */
export const createPeer = (openSocket) => ({
  async connect({ port, room, onFrame, onClose }) {
    const { roomId, processId, sessionId } = await reserve(port, room)
    return new Promise((resolve, reject) => {
      const socket = openSocket(`ws://127.0.0.1:${port}/${processId}/${roomId}?sessionId=${sessionId}`)
      socket.on('error', reject)
      socket.on('close', () => onClose?.())
      socket.on('message', (frame) => {
        onFrame(frame)
        if (frame[0] === error) return reject(new Error(`Colyseus refused: ${frame.toString('latin1', 1)}`))
        if (frame[0] !== joinRoom) return
        socket.send(Buffer.of(joinRoom))
        resolve({
          name: sessionId,
          put: (x, y) => socket.send(Buffer.concat([head, packr.pack({ x, y })])),
          freeze: () => socket.pause(),
          close: () => socket.terminate(),
        })
      })
    })
  },

  createDecoder() {
    const state = new State()
    const decoder = new Decoder(state)
    return (frame, see) => {
      if (frame[0] !== roomState && frame[0] !== roomStatePatch) return
      decoder.decode(frame, { offset: 1 })
      state.cursors?.forEach(({ x }, sessionId) => see(sessionId, x))
    }
  },
})

async function reserve(port, room) {
  const key = `${port} ${room}`
  const known = roomIds.get(key)
  if (known) return seat(port, `joinById/${await known}`, {})
  const first = seat(port, 'create/cursors', { room })
  roomIds.set(
    key,
    first.then(({ roomId }) => roomId),
  )
  return first
}

async function seat(port, path, options) {
  const response = await fetch(`http://127.0.0.1:${port}/matchmake/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(options),
  })
  const reservation = await response.json()
  if (!response.ok || reservation.error) throw new Error(`Colyseus gave no seat: ${JSON.stringify(reservation)}`)
  const { roomId, processId } = reservation.room ?? reservation
  return { roomId, processId, sessionId: reservation.sessionId }
}

function headOf(type) {
  const bytes = Buffer.alloc(32)
  bytes[0] = roomData
  const it = { offset: 1 }
  encode.string(bytes, type, it)
  return bytes.subarray(0, it.offset)
}
