import { PresenceError, type Message, type ServerMessage } from '@app/protocol'
import { DeviceClock, type Host, type Network, type ServerEnd, type Timeline } from '@app/testkit'
import { PresenceCore } from '../../packages/server/src/core.ts'
import type { Admission } from '../../packages/server/src/connection.ts'
import type { LinkEvents } from '../../packages/server/src/transport.ts'
import { checkOptions } from '../../packages/server/src/server-options.ts'
import { memoryStore } from '../../packages/server/src/stores/memory-store.ts'
import { claim } from './broken.ts'
import { latenessMs, Mirror } from './mirror.ts'
import { People } from './people.ts'
import { Puts } from './puts.ts'

const graceMs = 15_000
export const heldTtlMinMs = 20_000
/** Small, so that a put can be refused that the client, before its first hello, lets through. */
export const dataBytes = 200

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const knock = { origin: undefined, host: undefined, address: undefined, isForwarded: false, headers: {} }
// By turns, so that a client may be let in sooner by the later of two attempts.
const slowMs = [6_000, 500] as const
const bornAtMs = 1_700_000_000_000

/** The real server below its sockets, on a machine of its own, with a store that outlives it. */
export class ModelServer {
  readonly people = new People({ graceMs, latenessMs })
  readonly #puts = new Puts(heldTtlMinMs)
  core: PresenceCore | null = null
  clock: DeviceClock | null = null
  mirror: Mirror | null = null
  readonly #timeline: Timeline
  readonly #network: Network
  readonly #store = memoryStore()
  /** By how much the machine's clock has been stepped, over all runs. */
  #steppedMs = 0
  #switchOff = () => {}
  /** Of this run: how many have knocked, and which knock of each client was let in last. */
  #knocks = 0
  #newest = new Map<number, number>()

  constructor(timeline: Timeline, network: Network) {
    this.#timeline = timeline
    this.#network = network
  }

  get nowMs(): number {
    return this.core?.nowMs ?? 0
  }

  start(restart: 'fresh' | 'resume'): void {
    const clock = new DeviceClock(bornAtMs + this.#timeline.nowMs + this.#steppedMs)
    this.#switchOff = this.#timeline.addClock(clock)
    this.clock = clock
    this.#newest = new Map()
    const early: [string, ServerMessage][] = []
    const core = new PresenceCore({
      ...checkOptions({
        logger: silent,
        store: this.#store,
        restart,
        graceMs,
        heldTtlMinMs,
        limits: { dataBytes, userConnections: 10_000 },
      }),
      auth: ({ token }) => identityOf(token, clock, slowMs[this.#knocks % 2 === 0 ? 0 : 1]),
      policy: { mode: 'auth', origins: undefined },
      clock,
      transport: {
        broadcast: (group, message) => {
          if (this.mirror) this.mirror.broadcasts(message)
          else early.push([group, message])
          this.#network.broadcast(group, message)
        },
      },
    })
    this.core = core
    this.#puts.restart(core.nowMs)
    this.mirror = new Mirror(core.epoch, this.people, this.#puts, () => core.nowMs)
    this.#network.host = this.#hostOf(core, clock, this.mirror)
  }

  /** `crashes`: nothing is said and nothing more is written. */
  stop(how: 'closes' | 'crashes'): void {
    if (how === 'closes') {
      this.core?.drain()
      // A store in memory has taken everything when this returns.
      void this.core?.close()
    }
    this.people.stops(how, this.nowMs)
    this.#switchOff()
    this.#network.dropHost()
    this.core = null
    this.clock = null
    this.mirror = null
  }

  stepWall(ms: number): void {
    this.#steppedMs += ms
    this.clock?.jumpWall(ms)
  }

  #hostOf(core: PresenceCore, clock: DeviceClock, mirror: Mirror): Host {
    return {
      clock,
      admit: async (auth) => {
        const order = ++this.#knocks
        const admission = await core.admit(auth, knock)
        const { clientId } = admission
        this.people.knocks(clientId, core.nowMs)
        return (link) => {
          if (order < (this.#newest.get(clientId) ?? 0)) return turnAway(core, link, admission)
          this.#newest.set(clientId, order)
          this.people.connects(clientId, link, core.nowMs)
          const connection = core.connect(
            spied(link, mirror, () => this.people.loses(clientId, link, core.nowMs)),
            admission,
          )
          return {
            onPacket: () => {
              this.people.packet(clientId, link, core.nowMs)
              connection.onPacket()
            },
            onMessage: (message: Message) => {
              if (message[0] === 'p') for (const row of message[1] as never[]) mirror.hearsPut(clientId, row)
              connection.onMessage(message)
            },
            onDrained: () => connection.onDrained(),
            onClose: () => {
              this.people.loses(clientId, link, core.nowMs)
              mirror.leaves(link)
              connection.onClose()
            },
          }
        }
      },
    }
  }
}

/** A newer connection of the client was let in before it. */
function turnAway(core: PresenceCore, link: ServerEnd, admission: Admission): LinkEvents {
  let isClosed = false
  const close = () => {
    isClosed = true
    link.close()
  }
  const connection = core.connect({ ...silentEnd(link), close }, admission)
  claim(isClosed, 'L6', () => `client ${admission.clientId}: an older connection is let in after a newer one`)
  return connection
}

function silentEnd(link: ServerEnd): ServerEnd {
  const said = (what: string) => claim(false, 'L6', () => `an older connection is told "${what}"`)
  return { ...link, send: ([event]) => said(event), join: said }
}

function spied(link: ServerEnd, mirror: Mirror, onEnd: () => void): ServerEnd {
  return {
    send: (message) => {
      mirror.says(link, message)
      link.send(message)
    },
    // What still comes on a link that the server has ended is no proof of life.
    close: () => {
      onEnd()
      link.close()
    },
    isBehind: () => link.isBehind(),
    isDrowning: () => link.isDrowning(),
    join: (group) => {
      mirror.joins(link, group)
      link.join(group)
    },
    leave: (group) => {
      mirror.leaves(link, group)
      link.leave(group)
    },
  }
}

/** `user:ada` is ada, `slow` too, after a while; `nobody` is nobody in particular, `later` is refused for now and everything else for good. */
function identityOf(token: string | undefined, clock: DeviceClock, waitMs: number) {
  if (token === 'slow')
    return new Promise<{ user: { id: string } }>((resolve) =>
      clock.after(waitMs, () => resolve({ user: { id: 'ada' } })),
    )
  if (token?.startsWith('user:')) return { user: { id: token.slice(5) } }
  if (token === undefined || token === 'nobody') return {}
  if (token === 'later') throw new PresenceError('unauthorized', 'Not now.', { canRetry: true, retryAfterMs: 2_000 })
  return null
}
