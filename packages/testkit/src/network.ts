import type { Channel, Handshake, Message, PresenceError } from '@app/protocol'
import type { DeviceClock } from './device-clock.ts'
import type { PingTimes } from './pulse.ts'
import { Wire } from './wire.ts'
import type { ClientEnd, Host } from './wire-ends.ts'

/** What becomes of an attempt to connect while a client has no network, or there is no server. */
export type Unreachable = 'refuses' | 'hangs'

/** The client's way to the network. */
export class Socket {
  readonly clock: DeviceClock
  readonly #network: Network
  /** null while the network is there. */
  unreachable: Unreachable | null = null
  latencyMs = 0
  readonly wires: Wire[] = []

  constructor(network: Network, clock: DeviceClock) {
    this.#network = network
    this.clock = clock
  }

  /** What a client's edges take as `connect`. */
  readonly connect = (handshake: Handshake, events: ClientEnd): Channel =>
    this.#network.connect(this, handshake, events)

  /** The newest wire that has not ended at both ends. */
  get wire(): Wire | undefined {
    return this.wires.filter((wire) => !wire.isOver).at(-1)
  }
}

/** A network in memory: whole messages, as JSON, over wires that a test delays, pulls and flushes by hand. */
export class Network {
  /** null while there is no server. */
  host: Host | null = null
  /** Hears every message that arrives, at either end. */
  onMessage: (message: Message) => void = () => {}
  readonly pings: PingTimes
  readonly #nowMs: () => number
  readonly #unreachable: () => PresenceError
  #wires: Wire[] = []

  constructor(nowMs: () => number, pings: PingTimes, unreachable: () => PresenceError) {
    this.#nowMs = nowMs
    this.pings = pings
    this.#unreachable = unreachable
  }

  get wires(): readonly Wire[] {
    return this.#wires
  }

  connect(socket: Socket, handshake: Handshake, events: ClientEnd): Channel {
    const { host, pings } = this
    const why = socket.unreachable ?? (host ? null : 'refuses')
    const wire = new Wire(this.#nowMs, pings, socket.clock, events, (message) => this.onMessage(message))
    wire.setLatency(socket.latencyMs)
    this.#wires.push(wire)
    socket.wires.push(wire)
    if (host && !why) wire.open(host, handshake)
    else if (why === 'refuses') wire.refuse(this.#unreachable())
    return wire.channel
  }

  /** The server's process is gone, or ends: no end of it hears anything any more, and every client is told. */
  dropHost(): void {
    this.host = null
    for (const wire of this.#wires) wire.abandonServer()
  }

  /** Says it to every server's end in the group, encoded once. */
  broadcast(group: string, message: Message): void {
    const text = JSON.stringify(message)
    for (const wire of this.#wires) if (wire.groups.has(group)) wire.sendDown(message[0], text)
  }

  dueAtMs(): number {
    let dueAtMs = Number.POSITIVE_INFINITY
    for (const wire of this.#wires) dueAtMs = Math.min(dueAtMs, wire.dueAtMs())
    return dueAtMs
  }

  runDue(): boolean {
    let hasRun = false
    for (const wire of this.#wires) hasRun = wire.runDue() || hasRun
    if (this.#wires.some((wire) => wire.isOver)) this.#wires = this.#wires.filter((wire) => !wire.isOver)
    return hasRun
  }
}
