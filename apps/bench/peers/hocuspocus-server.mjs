import { Server } from '@hocuspocus/server'

/** Hocuspocus without extensions: nothing is stored, everybody is let in. */
export async function serve({ port }) {
  const server = new Server({ port, address: '127.0.0.1', quiet: true, stopOnSignals: false })
  await server.listen()
  return {
    port: server.address.port,
    close: () => server.destroy(),
  }
}
