import type { WebSocket } from 'ws'
import { freeze, openSocket } from './socket.ts'

/*
 * Engine.IO 4 and Socket.IO 5 by hand, over WebSocket only: text frames that begin with their types.
 */

export interface SocketIoOptions {
  readonly port: number
  readonly auth?: object
  readonly onFrame: (frame: Buffer) => void
  readonly onClose?: (() => void) | undefined
  /** The socket is in; its id is what other clients may see. */
  readonly onConnected?: (sid: string, connection: SocketIoConnection) => void
  /** An event or an acknowledgement, as its text. Called until `settled`; a busy client decodes nothing. */
  readonly onEvent: (text: () => string, connection: SocketIoConnection) => void
  readonly onError: (error: Error) => void
}

export interface SocketIoConnection {
  send(frame: string): void
  freeze(): void
  close(): void
  /** From now on frames are only counted and pings answered. */
  settled(): void
}

const open = 0x30
const ping = 0x32
const message = 0x34
const connected = 0x30
const refused = 0x34

export function connectSocketIo(options: SocketIoOptions): SocketIoConnection {
  const socket: WebSocket = openSocket(`ws://127.0.0.1:${options.port}/socket.io/?EIO=4&transport=websocket`)
  let isSettled = false
  const connection: SocketIoConnection = {
    send: (frame) => socket.send(frame),
    freeze: () => freeze(socket),
    close: () => socket.terminate(),
    settled: () => void (isSettled = true),
  }
  socket.on('error', options.onError)
  socket.on('close', () => options.onClose?.())
  socket.on('message', (frame: Buffer) => {
    options.onFrame(frame)
    const type = frame[0]
    if (type === ping) return socket.send('3')
    if (isSettled) return
    if (type === open) return socket.send(`40${JSON.stringify(options.auth ?? {})}`)
    if (type !== message) return
    if (frame[1] === refused) return options.onError(new Error(`The server refused: ${frame.toString('utf8', 2)}`))
    if (frame[1] === connected) {
      const { sid } = JSON.parse(frame.toString('utf8', 2)) as { sid: string }
      return options.onConnected?.(sid, connection)
    }
    options.onEvent(() => frame.toString('utf8', 1), connection)
  })
  return connection
}
