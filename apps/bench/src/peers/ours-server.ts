import { join } from 'node:path'
import {
  createPresenceServer,
  defineRooms,
  jwt,
  sqliteStore,
  type PresenceServerOptions,
  type PresenceStore,
} from '@app/server'
import { watchCollections } from '../collections.ts'
import { percentile } from '../statistics.ts'
import type { Serve } from './peer.ts'
import { tokenSecret } from './token-secret.ts'

/** The real product: SQLite on a file, and every limit and default as it comes. */
export const serve: Serve = (options) => serveOurs(options, {})

/** The same, its busy rooms flushed at the pace of Colyseus. */
export const serveAt50: Serve = (options) => serveOurs(options, { flushMs: 50 })

/** The same, with all that keeps strangers out. */
export const serveGuarded: Serve = (options) =>
  serveOurs(options, { auth: jwt({ secret: tokenSecret }), rooms: defineRooms({ 'pr:**': cursor }) })

// Any Standard Schema would do; this one takes as little time as one can.
const cursor = {
  '~standard': {
    version: 1 as const,
    vendor: 'bench',
    validate(value: unknown) {
      const { x, y } = value as { x: unknown; y: unknown }
      return typeof x === 'number' && typeof y === 'number'
        ? { value: { x, y } }
        : { issues: [{ message: 'x and y are numbers' }] }
    },
  },
}

async function serveOurs(
  { port, folder }: Parameters<Serve>[0],
  options: Pick<PresenceServerOptions, 'flushMs' | 'auth' | 'rooms'>,
): ReturnType<Serve> {
  const { store, blocks } = timed(sqliteStore({ file: join(folder, 'presence.db') }))
  const collections = watchCollections()
  const server = createPresenceServer({ store, open: options.auth === undefined, ...options })
  const address = await server.listen({ port })
  return {
    port: address.port,
    measures() {
      const some = blocks.splice(0)
      const wholeMs = some.map(({ fromMs, toMs }) => toMs - fromMs)
      // Garbage is collected whenever the heap says so; that it falls into a write is no doing of the store.
      const ownMs = some.map(({ fromMs, toMs }) => toMs - fromMs - collections.within(fromMs, toMs))
      collections.forget()
      return {
        storeWrites: some.length,
        storeP99Ms: percentile(ownMs, 0.99),
        storeWithGcP99Ms: percentile(wholeMs, 0.99),
        storeMaxMs: wholeMs.reduce((most, ms) => Math.max(most, ms), 0),
      }
    },
    close: () => server.close(),
  }
}

/** How long a call takes until it returns is how long it blocks the server's loop; what its thread does later is not. */
function timed(store: PresenceStore): { store: PresenceStore; blocks: Block[] } {
  const blocks: Block[] = []
  const time = <T>(run: () => T): T => {
    const fromMs = performance.now()
    try {
      return run()
    } finally {
      blocks.push({ fromMs, toMs: performance.now() })
    }
  }
  return {
    blocks,
    store: {
      open: (options) => store.open(options),
      write: (changes) => time(() => store.write(changes)),
      writeSeen: (seen) => time(() => store.writeSeen(seen)),
      close: () => store.close(),
    },
  }
}

interface Block {
  readonly fromMs: number
  readonly toMs: number
}
