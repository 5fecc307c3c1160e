import { io, type Socket } from 'socket.io-client'
import { parseWireError, PresenceError, type Channel, type Message } from '@app/protocol'
import type { AttemptEvents, Connect } from './connection.ts'

/** The only file that knows Socket.IO: one socket per attempt, and none of its own reconnecting or buffering. */
export function connectBySocketIo(address: () => URL): Connect {
  return (handshake, events) => {
    const url = address()
    const prefix = url.pathname.replace(/\/$/, '')
    const socket = io(url.origin, {
      path: `${prefix}/socket.io/`,
      auth: { ...handshake },
      forceNew: true,
      multiplex: false,
      reconnection: false,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      closeOnBeforeunload: false,
    })
    return channelOf(socket, events, url)
  }
}

function channelOf(socket: Socket, events: AttemptEvents, url: URL): Channel {
  let isOver = false
  const end = (tell: () => void) => {
    if (isOver) return
    isOver = true
    socket.removeAllListeners()
    socket.offAny()
    // What was emitted on a dying engine would be sent on a later one (it never will: no socket is used twice).
    socket.sendBuffer.length = 0
    tell()
  }
  socket.onAny((event: string, ...args: unknown[]) => events.onMessage([event, ...args]))
  socket.io.on('open', () => socket.io.engine.on('packet', () => events.onPacket()))
  socket.on('disconnect', () => end(() => events.onClose()))
  socket.on('connect_error', (error: Error & { data?: unknown }) => {
    socket.disconnect()
    end(() => events.onRefused(error.data === undefined ? unreachable(url, error) : parseWireError(error.data)))
  })
  return {
    send: ([event, ...args]: Message) => {
      if (socket.connected) socket.emit(event, ...args)
    },
    close: () => {
      socket.disconnect()
      end(() => events.onClose())
    },
  }
}

function unreachable(url: URL, cause: Error): PresenceError {
  return new PresenceError(
    'connection-failed',
    `No presence server answers at ${url.origin} (${cause.message}). It is tried again.`,
    { canRetry: true, cause },
  )
}
