import type { Channel, Handshake, Message, PresenceError } from '@app/protocol'
import { ScriptedServer } from './scripted-server.ts'

const servers = new Map<string, ScriptedServer>()

/** A scripted server that `scriptedIo` reaches at an address, in place of the one before. */
export function scriptedServerAt(origin: string): ScriptedServer {
  const server = new ScriptedServer()
  servers.set(origin, server)
  return server
}

type Listener = (...args: never[]) => void

class Listeners {
  readonly #all = new Map<string, Set<Listener>>()

  on(event: string, listener: Listener): void {
    this.#all.set(event, (this.#all.get(event) ?? new Set()).add(listener))
  }

  tell(event: string, ...args: unknown[]): void {
    for (const listener of [...(this.#all.get(event) ?? [])]) (listener as (...args: unknown[]) => void)(...args)
  }

  clear(): void {
    this.#all.clear()
  }
}

/**
 * What `io` of socket.io-client is to our client, for tests of what stands on it and has no other way in:
 * `vi.mock('socket.io-client', async () => ({ io: (await import('@app/testkit')).scriptedIo }))`.
 */
export function scriptedIo(origin: string, { auth }: { auth: Handshake }) {
  const [socketEvents, managerEvents, engineEvents] = [new Listeners(), new Listeners(), new Listeners()]
  const anyListeners = new Set<Listener>()
  let channel: Channel | null = null
  const socket = {
    connected: false,
    sendBuffer: [] as unknown[],
    io: { on: managerEvents.on.bind(managerEvents), engine: { on: engineEvents.on.bind(engineEvents) } },
    on: socketEvents.on.bind(socketEvents),
    onAny: (listener: Listener) => void anyListeners.add(listener),
    offAny: () => anyListeners.clear(),
    removeAllListeners: () => socketEvents.clear(),
    emit: (...message: [string, ...unknown[]]) => channel?.send(message),
    disconnect: () => {
      socket.connected = false
      channel?.close()
      channel = null
    },
  }
  // The caller adds its listeners first, as with a real socket.
  queueMicrotask(() => {
    const server = servers.get(origin)
    if (!server) return socketEvents.tell('connect_error', new Error(`no scripted server at ${origin}`))
    managerEvents.tell('open')
    socket.connected = true
    channel = server.connect(auth, {
      onPacket: () => engineEvents.tell('packet'),
      onMessage: (message: Message) => {
        for (const listener of anyListeners) (listener as (...args: unknown[]) => void)(...message)
      },
      onClose: () => {
        socket.connected = false
        socketEvents.tell('disconnect')
      },
      onRefused: (error) =>
        socketEvents.tell('connect_error', Object.assign(new Error(error.message), { data: wireOf(error) })),
    })
  })
  return socket
}

function wireOf({ code, message, canRetry }: PresenceError) {
  return { code, message, canRetry }
}
