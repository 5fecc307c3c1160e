import { WebSocket as NodeWebSocket } from 'ws'

// A server that does not answer the close keeps the program from ending for so long, not for ws's own half a minute.
const options = { perMessageDeflate: false, closeTimeout: 5_000 }

/** As in `web-socket.ts`, for Node, which has no WebSocket of its own before 22. */
export function openWebSocket(url: string): WebSocket {
  return new NodeWebSocket(url, options) as unknown as WebSocket
}
