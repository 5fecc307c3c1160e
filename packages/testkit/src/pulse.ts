import type { DeviceClock } from './device-clock.ts'

/** Of Engine.IO: a server that hears no pong within the timeout, or a client no ping within both, gives up. */
export interface PingTimes {
  readonly pingIntervalMs: number
  readonly pingTimeoutMs: number
}

/** The server's part: pings, and waits for the pong. */
export class ServerPulse {
  readonly #clock: DeviceClock
  readonly #times: PingTimes
  readonly #ping: () => void
  readonly #onMissed: () => void
  #cancel = () => {}

  constructor(clock: DeviceClock, times: PingTimes, ping: () => void, onMissed: () => void) {
    this.#clock = clock
    this.#times = times
    this.#ping = ping
    this.#onMissed = onMissed
    this.heard()
  }

  /** The client has answered: the next ping comes after the interval. */
  heard(): void {
    this.stop()
    this.#cancel = this.#clock.after(this.#times.pingIntervalMs, () => {
      this.#cancel = this.#clock.after(this.#times.pingTimeoutMs, this.#onMissed)
      this.#ping()
    })
  }

  stop(): void {
    this.#cancel()
  }
}

/** The client's part: waits for pings, and looks at the clock on the wall when it writes. */
export class ClientPulse {
  readonly #clock: DeviceClock
  readonly #patienceMs: number
  readonly #onMissed: () => void
  #heardAtWallMs = 0
  #cancel = () => {}

  constructor(clock: DeviceClock, { pingIntervalMs, pingTimeoutMs }: PingTimes, onMissed: () => void) {
    this.#clock = clock
    this.#patienceMs = pingIntervalMs + pingTimeoutMs
    this.#onMissed = onMissed
  }

  heard(): void {
    this.stop()
    this.#heardAtWallMs = this.#clock.wallMs()
    this.#cancel = this.#clock.after(this.#patienceMs, this.#onMissed)
  }

  /** Engine.IO compares the clock on the wall at each write, and takes a jump of it for a lost connection. */
  get seemsLost(): boolean {
    return this.#clock.wallMs() - this.#heardAtWallMs > this.#patienceMs
  }

  stop(): void {
    this.#cancel()
  }
}
