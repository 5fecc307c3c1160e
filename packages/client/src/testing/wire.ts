import {
  heldTtlMinDefaultMs,
  PresenceError,
  type Channel,
  type Clock,
  type Handshake,
  type Message,
} from '@app/protocol'
import type { AttemptEvents } from '../connection.ts'
import type { Host, HostEvents } from './host.ts'

// As the real server has it (L2).
const pingEveryMs = heldTtlMinDefaultMs / 2
const pongWithinMs = heldTtlMinDefaultMs * 0.4
const patienceMs = pingEveryMs + pongWithinMs

/**
 * One connection, in memory: whole messages, as JSON, in order, never within the call that sends them. It proves itself
 * alive as Engine.IO does: the server pings, and whoever misses the other for too long closes its own end.
 */
export class Wire implements Channel {
  readonly #clock: Clock
  readonly #machine: Clock
  #client: AttemptEvents | null
  #server: HostEvents | null = null
  #isServerOver = false
  #isCut = false
  readonly #up: (() => void)[] = []
  readonly #down: (() => void)[] = []
  #stopPing = () => {}
  #stopWaiting = () => {}

  /** `clock` is the server's, `machine` the client's. */
  constructor(clock: Clock, machine: Clock, client: AttemptEvents) {
    this.#clock = clock
    this.#machine = machine
    this.#client = client
  }

  /** The client knocks at the server. */
  open(host: Host, handshake: Handshake): void {
    this.#send(this.#up, this.#clock, () => {
      this.#server = host.connect(handshake, {
        send: (message) => this.#sendDown(message),
        close: () => this.#end(),
      })
      this.#ping()
      this.#send(this.#down, this.#machine, () => this.#heard())
    })
  }

  /** There is nobody to talk to. */
  refuse(error: PresenceError): void {
    this.#isServerOver = true
    this.#send(this.#down, this.#machine, () => {
      const client = this.#client
      this.#client = null
      client?.onRefused(error)
    })
  }

  send(message: Message): void {
    if (!this.#client) return
    const text = JSON.stringify(message)
    this.#send(this.#up, this.#clock, () => {
      this.#server?.onPacket()
      this.#server?.onMessage(JSON.parse(text) as Message)
    })
  }

  /** The client's end closes; the server hears of it when that arrives. */
  close(): void {
    const client = this.#client
    if (!client) return
    this.abandon()
    client.onClose()
  }

  /** The client's process is gone: its machine closes the end for it, and nobody there hears anything any more. */
  abandon(): void {
    this.#client = null
    this.#stopWaiting()
    this.#send(this.#up, this.#clock, () => this.#lost())
  }

  /** The cable is pulled: whatever is said vanishes, and each end finds out when it misses the other. */
  cut(): void {
    this.#isCut = true
    this.#up.length = 0
    this.#down.length = 0
  }

  /** It is of no use to anybody any more. */
  stop(): void {
    this.cut()
    this.#end()
  }

  #sendDown(message: Message): void {
    if (this.#isServerOver) return
    const text = JSON.stringify(message)
    this.#send(this.#down, this.#machine, () => {
      this.#client?.onPacket()
      this.#client?.onMessage(JSON.parse(text) as Message)
    })
  }

  #send(way: (() => void)[], clock: Clock, arrive: () => void): void {
    if (this.#isCut) return
    way.push(arrive)
    clock.after(0, () => way.shift()?.())
  }

  #ping(): void {
    this.#stopPing()
    this.#stopPing = this.#clock.after(pingEveryMs, () => {
      this.#stopPing = this.#clock.after(pongWithinMs, () => this.#lost())
      this.#send(this.#down, this.#machine, () => {
        if (!this.#client) return
        this.#client.onPacket()
        this.#heard()
        this.#send(this.#up, this.#clock, () => {
          if (!this.#server) return
          this.#server.onPacket()
          this.#ping()
        })
      })
    })
  }

  #heard(): void {
    this.#stopWaiting()
    if (this.#client) this.#stopWaiting = this.#machine.after(patienceMs, () => this.close())
  }

  /** The server's end is lost. */
  #lost(): void {
    const server = this.#server
    this.#end()
    server?.onClose()
  }

  /** The server's end closes; the client hears of it when that arrives. */
  #end(): void {
    if (this.#isServerOver) return
    this.#isServerOver = true
    this.#server = null
    this.#stopPing()
    this.#send(this.#down, this.#machine, () => this.close())
  }
}
