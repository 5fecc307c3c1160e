import { join } from 'node:path'
import { createPresenceServer, sqliteStore, type PresenceServerOptions, type PresenceStore } from '@app/server'
import { percentile } from '../statistics.ts'
import type { Serve } from './peer.ts'

/** The real product: SQLite on a file, and every limit and default as it comes. */
export const serve: Serve = (options) => serveOurs(options, {})

/** The same, its busy rooms flushed at the pace of Colyseus. */
export const serveAt50: Serve = (options) => serveOurs(options, { flushMs: 50 })

async function serveOurs(
  { port, folder }: Parameters<Serve>[0],
  options: Pick<PresenceServerOptions, 'flushMs'>,
): ReturnType<Serve> {
  const { store, blockedMs } = timed(sqliteStore({ file: join(folder, 'presence.db') }))
  const server = createPresenceServer({ store, open: true, ...options })
  const address = await server.listen({ port })
  return {
    port: address.port,
    measures() {
      const blocks = blockedMs.splice(0)
      return {
        storeWrites: blocks.length,
        storeP99Ms: percentile(blocks, 0.99),
        storeMaxMs: blocks.reduce((most, ms) => Math.max(most, ms), 0),
        storeCpu: blocks.reduce((sum, ms) => sum + ms, 0),
      }
    },
    close: () => server.close(),
  }
}

/** How long a call takes until it returns is how long it blocks the server's loop; what its thread does later is not. */
function timed(store: PresenceStore): { store: PresenceStore; blockedMs: number[] } {
  const blockedMs: number[] = []
  const time = <T>(run: () => T): T => {
    const startedAtMs = performance.now()
    try {
      return run()
    } finally {
      blockedMs.push(performance.now() - startedAtMs)
    }
  }
  return {
    blockedMs,
    store: {
      open: (options) => store.open(options),
      write: (changes) => time(() => store.write(changes)),
      writeSeen: (seen) => time(() => store.writeSeen(seen)),
      close: () => store.close(),
    },
  }
}
