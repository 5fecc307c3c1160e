/** Opens a WebSocket in a page or a worker. Node reads `web-socket-node.ts` instead: `imports` in package.json. */
export function openWebSocket(url: string): WebSocket {
  return new WebSocket(url)
}
