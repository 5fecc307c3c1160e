// The presence server, in the process that renders the pages, so that they can ask it who is there.
import { createPresenceServer, type PresenceServer } from '@app/server'
import { rooms } from './rooms.ts'

interface Presence {
  readonly server: PresenceServer
  /** Where browsers find it. */
  readonly url: string
}

async function start(): Promise<Presence> {
  const server = createPresenceServer({ rooms })
  const { url } = await server.listen({ port: Number(process.env.PRESENCE_PORT ?? 4400) })
  return { server, url }
}

// Next loads a module anew for each page and after every change; what is global stays.
const kept: typeof globalThis & { presence?: Promise<Presence> } = globalThis

/** Starts it when it is first asked for, and never while the application is built. */
export function presence(): Promise<Presence> {
  // Where it could not start (the port is taken), the next page tries again.
  kept.presence ??= start().catch((error: unknown) => {
    delete kept.presence
    throw error
  })
  return kept.presence
}
