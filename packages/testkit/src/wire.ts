import { parseWireError, type Channel, type Message, type PresenceError } from '@app/protocol'
import type { DeviceClock } from './device-clock.ts'
import { Pipe } from './pipe.ts'
import { ClientPulse, ServerPulse, type PingTimes } from './pulse.ts'
import type { ClientEnd, Host, ServerEnd, ServerEvents } from './wire-ends.ts'

/**
 * One connection: two pipes with an end at each side. It proves itself alive as Engine.IO does: the server pings, the
 * client answers, and whoever misses the other for too long closes its own end.
 */
export class Wire {
  readonly up = new Pipe()
  readonly down = new Pipe()
  readonly groups = new Set<string>()
  readonly channel: Channel
  /** The next message of this kind from the server is lost on the way. */
  loses: string | null = null
  readonly #nowMs: () => number
  readonly #pings: PingTimes
  readonly #onMessage: (message: Message) => void
  readonly #clientClock: DeviceClock
  #client: ClientEnd | null
  #isOpen = false
  #host: Host | null = null
  #server: ServerEvents | null = null
  /** The server was told that what it sends does not get out. */
  #wasBehind = false
  #isServerClosing = false
  #isServerOver = false
  readonly #clientPulse: ClientPulse
  #serverPulse: ServerPulse | null = null

  constructor(
    nowMs: () => number,
    pings: PingTimes,
    clientClock: DeviceClock,
    client: ClientEnd,
    onMessage: (message: Message) => void,
  ) {
    this.#onMessage = onMessage
    this.#nowMs = nowMs
    this.#pings = pings
    this.#clientClock = clientClock
    this.#client = client
    this.#clientPulse = new ClientPulse(clientClock, pings, () => this.closeClient())
    this.channel = { send: (message) => this.#sendUp(message), close: () => this.closeClient() }
  }

  /** Both ends have ended. */
  get isOver(): boolean {
    return this.#client === null && (this.#isServerOver || this.#host === null)
  }

  /** Both ends think that the other is there. */
  get isUp(): boolean {
    return this.#client !== null && this.#isOpen && this.#server !== null
  }

  /** Whatever is said on it arrives. */
  get isWhole(): boolean {
    return this.isUp && !this.up.isSevered && !this.down.isSevered
  }

  setLatency(ms: number): void {
    this.up.latencyMs = ms
    this.down.latencyMs = ms
  }

  hold(isHeld: boolean): void {
    this.up.isHeld = isHeld
    this.down.isHeld = isHeld
  }

  // ── Opening ──

  open(host: Host, handshake: unknown): void {
    this.#host = host
    const text = JSON.stringify(handshake)
    this.up.put(this.#nowMs(), () => {
      host.admit(JSON.parse(text)).then(
        (connect) => this.#admitted(connect),
        (error: PresenceError) => {
          const wire = JSON.stringify(error)
          this.#endServer()
          this.down.put(this.#nowMs(), () => this.#refused(parseWireError(JSON.parse(wire))))
        },
      )
    })
  }

  /** There is nobody to talk to. */
  refuse(error: PresenceError): void {
    this.down.put(this.#nowMs(), () => this.#refused(error))
  }

  #refused(error: PresenceError): void {
    const client = this.#client
    this.#client = null
    client?.onRefused(error)
  }

  #admitted(connect: (link: ServerEnd) => ServerEvents): void {
    // The client, or the server, may have gone meanwhile.
    if (this.#isServerOver) return
    this.down.put(this.#nowMs(), () => {
      this.#isOpen = true
      this.#clientPulse.heard()
    })
    this.#server = connect({
      send: ([event, ...args]) => this.sendDown(event, JSON.stringify([event, ...args])),
      close: () => this.#closeFromServer(),
      join: (group) => void this.groups.add(group),
      leave: (group) => void this.groups.delete(group),
      isBehind: () => {
        this.#wasBehind ||= this.#isBehind
        return this.#isBehind
      },
      isDrowning: () => false,
    })
    const { clock } = this.#host as Host
    this.#serverPulse = new ServerPulse(
      clock,
      this.#pings,
      () => this.#ping(),
      () => this.closeServer(),
    )
  }

  // ── Messages ──

  #sendUp(message: Message): void {
    if (!this.#isOpen || !this.#client) return
    if (this.#clientPulse.seemsLost) {
      void Promise.resolve().then(() => this.closeClient())
      return
    }
    const text = JSON.stringify(message)
    this.up.put(this.#nowMs(), () => {
      const server = this.#server
      if (!server) return
      const arrived = JSON.parse(text) as Message
      this.#onMessage(arrived)
      server.onPacket()
      server.onMessage(arrived)
    })
  }

  sendDown(event: string, text: string): void {
    if (this.#isServerOver || this.#isServerClosing) return
    if (this.loses === event) {
      this.loses = null
      return
    }
    this.down.put(this.#nowMs(), () => {
      if (!this.#client) return
      const arrived = JSON.parse(text) as Message
      this.#onMessage(arrived)
      this.#client.onPacket()
      this.#client?.onMessage(arrived)
    })
  }

  #ping(): void {
    this.down.put(this.#nowMs(), () => {
      if (!this.#client) return
      this.#client.onPacket()
      this.#clientPulse.heard()
      this.up.put(this.#nowMs(), () => {
        this.#server?.onPacket()
        if (this.#server) this.#serverPulse?.heard()
      })
    })
  }

  get #isBehind(): boolean {
    return this.down.isHeld && this.down.size > 0
  }

  get #isToDrain(): boolean {
    return this.#wasBehind && !this.#isBehind && this.#server !== null
  }

  // ── Endings ──

  /** The client's end closes; the server hears of it when that arrives. */
  closeClient(): void {
    const client = this.#client
    if (!client) return
    this.#client = null
    this.#clientPulse.stop()
    this.up.put(this.#nowMs(), () => this.closeServer())
    client.onClose()
  }

  /** The server's end closes; the client hears of it when that arrives. */
  closeServer(): void {
    if (this.#isServerOver) return
    const server = this.#server
    this.#endServer()
    server?.onClose()
  }

  /** The server closes its end. What is under way to it still comes, and only then does it hear of the end. */
  #closeFromServer(): void {
    if (this.#isServerClosing) return
    this.#isServerClosing = true
    this.down.put(this.#nowMs(), () => this.closeClient())
    this.up.put(this.#nowMs(), () => this.closeServer())
  }

  /** The server is no more: its end closes without anybody there to hear of it. */
  abandonServer(): void {
    if (this.#host === null) return
    this.up.sever()
    if (!this.#isServerOver) this.#endServer()
  }

  #endServer(): void {
    this.#isServerOver = true
    this.#server = null
    this.groups.clear()
    this.#serverPulse?.stop()
    this.down.put(this.#nowMs(), () => this.closeClient())
  }

  /** The cable is pulled: everything vanishes, and each end finds out when it misses the other. */
  sever(): void {
    this.up.sever()
    this.down.sever()
    // Nobody will ever come to this end.
    if (!this.#server) this.#isServerOver = true
  }

  /** The client's process is gone, and with it its end; nobody there hears anything any more. */
  abandonClient(): void {
    this.#client = null
    this.#clientPulse.stop()
  }

  /** The client's machine closes its end for it: the server hears of it as of any other end. */
  closeServerSoon(): void {
    this.up.put(this.#nowMs(), () => this.closeServer())
  }

  // ── Time ──

  get #isServerAwake(): boolean {
    return this.#host?.clock.isAwake !== false
  }

  dueAtMs(): number {
    const upMs = this.#isServerAwake ? (this.#isToDrain ? this.#nowMs() : this.up.dueAtMs()) : Number.POSITIVE_INFINITY
    const downMs = this.#clientClock.isAwake ? this.down.dueAtMs() : Number.POSITIVE_INFINITY
    return Math.min(upMs, downMs)
  }

  runDue(): boolean {
    const nowMs = this.#nowMs()
    let hasRun = false
    if (this.#isServerAwake && this.#isToDrain) {
      this.#wasBehind = false
      this.#server?.onDrained()
      hasRun = true
    }
    while (this.#isServerAwake && this.up.dueAtMs() <= nowMs) {
      this.up.flush(1)
      hasRun = true
    }
    while (this.#clientClock.isAwake && this.down.dueAtMs() <= nowMs) {
      this.down.flush(1)
      hasRun = true
    }
    return hasRun
  }
}
