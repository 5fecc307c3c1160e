import type { PresenceError } from '@app/protocol'
import { DeviceClock, Socket, type ModelData, type Network, type Timeline } from '@app/testkit'
import { Client } from '../../packages/client/src/client.ts'
import type { PresenceCount, PresenceRoom, Track } from '../../packages/client/src/presence.ts'
import { Heard } from './heard.ts'
import { Watcher } from './watcher.ts'
import { Wish } from './wish.ts'

/** Accepts `{ x }` alone, and reads more than was put. */
const pointSchema = {
  '~standard': {
    version: 1,
    vendor: 'model',
    validate: (data: unknown) =>
      typeof data === 'object' && data !== null && typeof (data as { x?: unknown }).x === 'number'
        ? { value: { twice: 2 * (data as { x: number }).x } }
        : { issues: [{ message: 'no point' }] },
  },
} as const

export interface ModelRoom {
  readonly key: string
  readonly room: PresenceRoom<unknown>
  /** The same key through a schema. */
  readonly points: PresenceRoom<unknown, unknown>
  readonly watchers: readonly [plain: Watcher, points: Watcher]
  readonly wish: Wish
  lastTrack: number
  readonly tracks: { readonly id: number; readonly track: Track<unknown> }[]
}

/** The real client on a machine, in a page and at a network of its own. */
export class ModelClient {
  readonly client: Client
  readonly clock: DeviceClock
  readonly socket: Socket
  readonly rooms: readonly ModelRoom[]
  readonly counts: readonly PresenceCount[]
  readonly errors: PresenceError[] = []
  readonly heard = new Heard()
  isHidden = false
  /** Its monotonic clock has stood still, so that it may be wrong about the time. */
  hasSlept = false
  #page: { onHide(): void; onShow(): void; onHint(): void } | null = null
  readonly #switchOff: () => void

  constructor(
    clientId: number,
    world: { timeline: Timeline; network: Network; random: () => number },
    keys: readonly string[],
  ) {
    this.clock = new DeviceClock(1_700_000_000_000 + Math.floor((world.random() - 0.5) * 200_000_000))
    // No two machines count from the same moment, nor in whole milliseconds.
    this.clock.pass(Math.floor(world.random() * 80_000) / 8)
    this.#switchOff = world.timeline.addClock(this.clock)
    this.socket = new Socket(world.network, this.clock)
    this.client = new Client(
      { token: `user:${clientId % 2}` },
      {
        clock: this.clock,
        random: world.random,
        identity: { clientId, secret: clientId.toString(16).padStart(32, '0') },
        connect: (handshake, events) => this.heard.onAttempt((heard) => this.socket.connect(handshake, heard), events),
        watchPage: (page) => {
          this.#page = page
          return () => {
            this.#page = null
          }
        },
      },
    )
    this.client.onError((error) => {
      this.errors.push(error)
      const kicked = error.code === 'kicked' && this.rooms.find(({ key }) => key === error.room)
      if (kicked) kicked.wish.isOut = true
    })
    this.client.onStatus((status) => {
      if (status === 'closed') this.heard.forgetAll()
    })
    this.rooms = keys.map((key) => this.#room(key))
    this.counts = keys.map((key) => this.client.count(key))
  }

  get id(): number {
    return this.client.clientId
  }

  get isConnected(): boolean {
    return this.client.status === 'connected'
  }

  #room(key: string): ModelRoom {
    const room = this.client.presence(key)
    const points = this.client.presence(key, pointSchema as never) as PresenceRoom<unknown, unknown>
    const now = () => this.client.now()
    const name = `client ${this.id} in ${key}`
    const watchers = [new Watcher(room, now, name), new Watcher(points, now, `${name}, points`)] as const
    return { key, room, points, watchers, wish: new Wish(), lastTrack: 0, tracks: [] }
  }

  hide(): void {
    this.isHidden = true
    this.#page?.onHide()
  }

  show(): void {
    this.isHidden = false
    this.#page?.onShow()
  }

  hint(): void {
    this.#page?.onHint()
  }

  /** The process is gone without a word. */
  crash(isSilent: boolean): void {
    this.#switchOff()
    for (const wire of this.socket.wires) {
      wire.abandonClient()
      if (isSilent) wire.sever()
      else wire.closeServerSoon()
    }
  }
}

/** A listener's own error; the model expects it to surface and to do nothing else. */
export class ListenerError extends Error {}

export const jsonOf = (data: ModelData): string => JSON.stringify(data)
