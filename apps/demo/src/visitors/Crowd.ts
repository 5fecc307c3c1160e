import { createPresenceClient, type PresenceClient } from '@app/client'
import { freeColor } from '../colors.ts'
import { friendlyName } from '../friendly-name.ts'
import type { Page } from '../page.ts'
import { habitOf, type Habit } from './habits.ts'

// A browser opens 255 sockets, and a server takes a thousand from one address: enough for several such tabs.
const sizeMax = 150
// A handshake at a time: fifty at once would be a hitch in this page, and a burst for its server.
const arrivalMs = 40
// All of them move in one turn, so that the server tells of them in one delta: what a tab hears does not grow with them.
const stepMs = (size: number): number => (size > 10 ? 250 : 100)

/**
 * Visitors that are no people, each a client with a connection of its own. They come along to the page that I look at, move
 * on smooth paths and do what one does there. `onCount` hears how many there are.
 */
export class Crowd {
  readonly #roomKey: string
  readonly #onCount: (count: number) => void
  #page: Page
  #visitors: Visitor[] = []
  /** Of all who have come, or will. */
  #arrivals: ReturnType<typeof setTimeout>[] = []
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(roomKey: string, page: Page, onCount: (count: number) => void) {
    this.#roomKey = roomKey
    this.#page = page
    this.#onCount = onCount
  }

  add(count: number): void {
    const more = Math.min(count, sizeMax - this.#arrivals.length)
    for (let i = 0; i < more; i++) this.#arrivals.push(setTimeout(() => this.#welcome(), i * arrivalMs))
  }

  /** All of them go to another page. */
  turnTo(page: Page): void {
    if (page === this.#page) return
    this.#page = page
    for (const visitor of this.#visitors) visitor.turnTo(page)
  }

  clear(): void {
    for (const arrival of this.#arrivals) clearTimeout(arrival)
    clearInterval(this.#timer)
    for (const visitor of this.#visitors) visitor.end()
    this.#arrivals = []
    this.#visitors = []
    this.#onCount(0)
  }

  #welcome(): void {
    const taken = new Set(this.#visitors.map(({ color }) => color))
    this.#visitors.push(new Visitor(this.#roomKey, this.#page, taken))
    this.#onCount(this.#visitors.length)
    clearInterval(this.#timer)
    this.#timer = setInterval(() => this.#step(), stepMs(this.#visitors.length))
  }

  #step(): void {
    const nowMs = performance.now()
    for (const visitor of this.#visitors) visitor.step(nowMs, this.#visitors.length)
  }
}

class Visitor {
  readonly color: string
  readonly #roomKey: string
  readonly #client: PresenceClient
  readonly #place
  #habit: Habit

  constructor(roomKey: string, page: Page, taken: ReadonlySet<string>) {
    const name = friendlyName(Math.random)
    const id = `visitor:${name.toLowerCase()}:${Math.random().toString(36).slice(2, 8)}`
    this.color = freeColor(id, taken)
    this.#roomKey = roomKey
    this.#client = createPresenceClient({ user: { id, name, color: this.color, isVisitor: true } })
    // What goes wrong with the connection this tab sees by itself, and shows.
    this.#client.onError(() => {})
    this.#place = this.#client.presence(roomKey).track({ status: 'available', page })
    this.#habit = habitOf(page, this.#client, roomKey)
  }

  turnTo(page: Page): void {
    this.#habit.end()
    this.#place.update({ status: 'available', page })
    this.#habit = habitOf(page, this.#client, this.#roomKey)
  }

  step(nowMs: number, crowdSize: number): void {
    this.#habit.step(nowMs, crowdSize)
  }

  end(): void {
    this.#client.close()
  }
}
