import { expect } from 'vitest'
import { connectStock } from '../stock-client.ts'

/** Two well-behaved clients of one room, who must not notice what others do. */
export interface Pair {
  /** How many updates were sent, each of which the other has seen. */
  readonly exchanged: number
  /** Waits for the work while updates are exchanged, as they are from now on; throws as soon as one is not seen. */
  during<Done>(work: Promise<Done>): Promise<Done>
  /** Sends no more; throws when something that was sent was not seen, or something was refused. */
  stop(): Promise<void>
}

// Far more than any update takes.
const patienceMs = 20_000

/** Stock clients, both in the room. */
export async function connectPair(url: string, room: string, who: object = {}): Promise<Pair> {
  const clients = [await connectStock(url, { ...who }), await connectStock(url, { ...who })]
  const refusals: unknown[] = []
  const waiting = clients.map(() => new Map<string, () => void>())
  for (const [at, { socket }] of clients.entries()) {
    expect(await socket.emitWithAck('enter', room)).toBeNull()
    socket.on('refused', (refusal) => refusals.push(refusal))
    socket.on('d', (...delta: unknown[]) => {
      const text = JSON.stringify(delta)
      for (const [data, see] of waiting[at] ?? []) if (text.includes(`"${data}"`)) see()
    })
  }
  let exchanged = 0
  const exchange = async (): Promise<void> => {
    const from = exchanged % 2
    const data = `update ${exchanged + 1}`
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        const whether = clients.map(({ socket }) => socket.connected).join(', ')
        reject(new Error(`"${data}" was not seen; connected: ${whether}; refused: ${JSON.stringify(refusals)}`))
      }, patienceMs)
      const to = waiting[1 - from]
      to?.set(data, () => {
        clearTimeout(late)
        to.delete(data)
        resolve()
      })
      clients[from]?.socket.emit('p', [[room, exchanged + 1, 60_000, 1, data]])
    })
    exchanged++
    for (const client of clients) client.rest()
  }
  await exchange()
  await exchange()
  let isStopped = false
  let going: Promise<void> | undefined
  let fail: (error: unknown) => void
  const failed = new Promise<never>((_resolve, reject) => (fail = reject))
  failed.catch(() => {})
  const goOn = async (): Promise<void> => {
    try {
      while (!isStopped) await exchange()
    } catch (error) {
      fail(error)
    }
  }
  return {
    get exchanged() {
      return exchanged
    },
    during(work) {
      going ??= goOn()
      return Promise.race([work, failed])
    },
    async stop() {
      isStopped = true
      await Promise.race([going, failed])
      // The last of them may have failed just now.
      await Promise.race([failed, Promise.resolve()])
      expect(refusals).toEqual([])
      expect(clients.map(({ socket }) => socket.connected)).toEqual([true, true])
    },
  }
}
