import { createServer, type Server } from 'node:net'
import { PresenceError } from '@app/protocol'

/** Throws `bad-options` with what an operator can do about it. */
export function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, port, host)))
    server.listen({ port, host }, () => resolve())
  })
}

function cannotListen(error: NodeJS.ErrnoException, port: number, host: string): PresenceError {
  const why =
    error.code === 'EADDRINUSE'
      ? 'another program is using it. Stop that one, or name another with --port or PRESENCE_PORT'
      : error.code === 'EACCES'
        ? 'this user may not. Name a port above 1023 with --port or PRESENCE_PORT'
        : error.message
  return new PresenceError('bad-options', `Cannot listen on port ${port} of ${host}: ${why}.`, { cause: error })
}

/** Listens for a moment, and leaves the port as free as it was. Throws as `listen` does, unless the port `mayBeTaken`. */
export async function isPortFree(port: number, host: string, mayBeTaken: boolean): Promise<boolean> {
  // Whoever comes in this moment is let go, or it would not end.
  const server = createServer((socket) => socket.destroy())
  try {
    await listen(server, port, host)
  } catch (error) {
    if (mayBeTaken && ((error as PresenceError).cause as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
    throw error
  }
  await new Promise((resolve) => server.close(resolve))
  return true
}
