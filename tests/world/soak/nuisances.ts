import { setTimeout as sleep } from 'node:timers/promises'
import { hostileLot } from '@app/testkit'
import { attack } from '../../integration/hostile/attack.ts'
import { greetRaw, textFrame } from '../../integration/hostile/raw-socket.ts'
import type { RealServer } from '../real-server.ts'

const casesPerLot = 60
const attackEveryMs = 5_000
const slowSockets = 3
const botEveryMs = 500
const unreadMs = 40_000
// A server that starts again needs a moment.
const againMs = 1_000

/** Those who mean the server harm, those who ask and read nothing, and a bot over HTTP, for as long as a soak lasts. */
export class Nuisances {
  readonly broken: string[] = []
  cases = 0
  /** Lots that something came between: they prove nothing. */
  spoiledLots = 0
  slowEnded = 0
  /** What the bot was answered as it should be. */
  answers = 0
  readonly #server: RealServer
  readonly #disturbances: () => number
  readonly #over = new AbortController()
  readonly #running: readonly Promise<void>[]

  /** `disturbances` counts the beginnings and ends of what happens to the server: an attack meanwhile proves nothing. */
  constructor(server: RealServer, adminToken: string, seed: number, disturbances: () => number) {
    this.#server = server
    this.#disturbances = disturbances
    this.#running = [
      this.#attack(seed),
      this.#bot(adminToken),
      ...Array.from({ length: slowSockets }, () => this.#readNothing()),
    ]
  }

  /** Resolves when the last of them is gone. */
  async end(): Promise<void> {
    this.#over.abort()
    await Promise.all(this.#running)
  }

  async #attack(firstSeed: number): Promise<void> {
    const { port } = this.#server
    // What it logs is looked at in the end, and from outside nobody can look at its prototypes.
    const target = { port, url: this.#server.url, look: () => Promise.resolve(unharmed) }
    for (let seed = firstSeed; !this.#over.signal.aborted; seed++) {
      const lot = hostileLot(casesPerLot, seed)
      const before = this.#disturbances()
      try {
        await attack(target, lot)
        this.cases += lot.commands.length
      } catch (error) {
        if (this.#isUndisturbed(before)) this.broken.push(`lot ${seed}: ${(error as Error).message}`)
        else this.spoiledLots++
      }
      await this.#pause(attackEveryMs)
    }
  }

  #isUndisturbed(before: number): boolean {
    return before % 2 === 0 && this.#disturbances() === before
  }

  /** Puts an entry over HTTP, looks, and takes it away, in a room where nobody else is. */
  async #bot(adminToken: string): Promise<void> {
    const headers = { Authorization: `Bearer ${adminToken}`, 'Content-Type': 'application/json' }
    const room = `${this.#server.url}/v1/rooms/pr%3Abots`
    const ask = async (path: string, init: RequestInit, status: number): Promise<Response> => {
      const response = await fetch(`${room}${path}`, { headers, ...init })
      if (response.status !== status) throw new Error(`${init.method ?? 'GET'} ${path}: ${response.status}`)
      this.answers++
      return response
    }
    while (!this.#over.signal.aborted) {
      const before = this.#disturbances()
      try {
        const body = JSON.stringify({ data: { at: before }, ttlMs: 5_000, user: { id: 'bot' } })
        const { clientId } = (await (await ask('/entries', { method: 'PUT', body }, 201)).json()) as {
          clientId: number
        }
        await (await ask('', {}, 200)).json()
        await (await ask('/count', {}, 200)).json()
        await ask(`/entries/${clientId}`, { method: 'DELETE' }, 204)
        await (await ask('/entries/1', { method: 'DELETE' }, 404)).json()
      } catch (error) {
        if (this.#isUndisturbed(before)) this.broken.push(`bot: ${(error as Error).message}`)
      }
      await this.#pause(botEveryMs)
    }
  }

  async #readNothing(): Promise<void> {
    while (!this.#over.signal.aborted) {
      try {
        const socket = await greetRaw(this.#server.port)
        socket.tcp.pause()
        for (let room = 0; room < 10; room++) socket.tcp.write(textFrame(`42["enter","pr:room-${room}"]`))
        // Whoever answers no ping for so long is ended; who reads nothing only sees it when it reads again.
        await this.#pause(unreadMs)
        socket.tcp.resume()
        await Promise.race([socket.ended, sleep(againMs)])
        if (socket.isOver) this.slowEnded++
        socket.tcp.destroy()
      } catch {
        // The server is away.
        await this.#pause(againMs)
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#over.signal }).catch(() => {})
  }
}

const unharmed = {
  ...{ connections: 0, rooms: 0, entries: 0, sockets: 0, timers: 0, megabytes: 0 },
  isPolluted: false,
  errors: [],
}
