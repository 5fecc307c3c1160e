import { randomBytes, randomInt } from 'node:crypto'
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import { expect, onTestFinished } from 'vitest'

/** A client that is nothing but Socket.IO's own, as PROTOCOL.md promises is enough. */
export interface StockClient {
  readonly socket: Socket
  readonly clientId: number
  readonly secret: string
  /** Takes the first event of that name that has come and was not taken, or waits for it. */
  next(event: string): Promise<unknown[]>
  /** All events that came and were not taken, in their order; not those that only say how to behave. */
  rest(): unknown[][]
  /** How often to put into which room, as the server last said. */
  readonly paces: Map<unknown, unknown>
}

interface Who {
  readonly clientId?: number
  readonly secret?: string
  readonly [more: string]: unknown
}

/** Starts to connect. The client is closed when the test ends. */
export function stockClient(
  url: string,
  who: Who = {},
  options: Partial<ManagerOptions & SocketOptions> = {},
): StockClient {
  const { clientId = randomInt(1, 2 ** 47), secret = randomBytes(16).toString('hex'), ...more } = who
  const socket = io(url, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    ...options,
    auth: { v: 1, clientId, secret, ...more },
  })
  onTestFinished(() => void socket.close())
  const come: unknown[][] = []
  const paces = new Map<unknown, unknown>()
  socket.onAny((event: string, ...args: unknown[]) => {
    if (event === 'pace') paces.set(args[0], args[1])
    else if (event !== 'v') come.push([event, ...args])
  })
  socket.on('connect_error', (error) =>
    come.push(['connect_error', (error as { data?: unknown }).data ?? error.message]),
  )
  socket.on('disconnect', (reason) => come.push(['disconnect', reason]))
  return {
    socket,
    clientId,
    secret,
    async next(event) {
      await expect.poll(() => come.some((message) => message[0] === event), { timeout: 10_000, interval: 5 }).toBe(true)
      const [message] = come.splice(
        come.findIndex((other) => other[0] === event),
        1,
      )
      return (message as unknown[]).slice(1)
    },
    rest: () => come.splice(0),
    paces,
  }
}

/** Connects, and resolves once the hello has come. */
export async function connectStock(
  url: string,
  who?: Who,
  options?: Partial<ManagerOptions & SocketOptions>,
): Promise<StockClient> {
  const client = stockClient(url, who, options)
  await client.next('hello')
  return client
}
