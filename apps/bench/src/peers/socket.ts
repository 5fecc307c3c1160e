import { WebSocket } from 'ws'

/** A WebSocket that costs the generator as little as possible. */
export function openSocket(url: string): WebSocket {
  // The frames of a server on trial are not checked for spelling: that would be the generator's time, not the server's.
  return new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true, maxPayload: 64 * 1024 * 1024 })
}

/** `ws` keeps the socket below to itself; only there can reading be stopped in the kernel's sense. */
export function freeze(socket: WebSocket): void {
  socket.pause()
}
