import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Towards the server, or towards the client. */
export type Way = 'up' | 'down'

interface Weather {
  /** How long a byte is under way. */
  delayMs: number
  bytesPerSecond: number
  /** Nothing passes, and nobody is told; what was sent meanwhile comes when this ends. */
  isBlackhole: boolean
}

// What a home router may hold; more makes the sender wait, as TCP does.
const laneBytesMax = 65_536

/**
 * A network that a test can spoil: a TCP proxy of loopback. On a connection that lives nothing is lost, doubled or put in
 * another order, because TCP sees to that; it is late, or the connection ends.
 */
export class TcpProxy {
  /** What connections that begin from now on meet: an answer, or a reset. */
  isRefusing = false
  readonly #weather: Weather = { delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY, isBlackhole: false }
  readonly #connections = new Set<ProxyConnection>()
  readonly #server: Server
  #accepted = 0

  private constructor(targetPort: number) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      if (this.isRefusing) return void client.resetAndDestroy()
      this.#accepted++
      const server = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
      const connection = new ProxyConnection(client, server, this.#weather, () => this.#connections.delete(connection))
      this.#connections.add(connection)
    })
  }

  /** Passes everything on to a port of this machine, from a free one. */
  static start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort)
    return new Promise((resolve, reject) => {
      proxy.#server.once('error', reject)
      proxy.#server.listen(0, '127.0.0.1', () => resolve(proxy))
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Those that are open now, the oldest first. */
  get connections(): readonly ProxyConnection[] {
    return [...this.#connections]
  }

  /** How many connections there have been. */
  get accepted(): number {
    return this.#accepted
  }

  /** Every connection ends with a reset, at both ends. */
  cut(): void {
    for (const connection of this.connections) connection.cut()
  }

  /**
   * Nothing passes any more, and no end is told: a pulled cable, a lost radio. Connections to come are opened, and nothing
   * passes on them either: where a real network would lose the attempt and repeat it seconds later, this one goes on at once
   * when it heals.
   */
  blackhole(): void {
    this.#weather.isBlackhole = true
    for (const connection of this.connections) connection.hold()
  }

  /** How long a byte is under way, each way, and how many pass in a second, each way and connection. */
  slowDown({ delayMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY }: Partial<Weather>): void {
    Object.assign(this.#weather, { delayMs, bytesPerSecond })
  }

  /** All is well again; what was held comes now. */
  heal(): void {
    this.isRefusing = false
    this.slowDown({})
    this.#weather.isBlackhole = false
    for (const connection of this.connections) connection.release()
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()))
  }
}

/** One connection through the proxy. */
export class ProxyConnection {
  readonly #ends: Readonly<Record<Way, Socket>>
  readonly #lanes: Readonly<Record<Way, Lane>>
  readonly #weather: Weather
  /** Nothing passes on this one, whatever the weather. */
  #isHeld = false
  #isReset = false

  constructor(client: Socket, server: Socket, weather: Weather, onClose: () => void) {
    this.#weather = weather
    const isHeld = (): boolean => this.#isHeld || weather.isBlackhole
    this.#ends = { up: server, down: client }
    this.#lanes = {
      up: new Lane(client, server, weather, isHeld),
      down: new Lane(server, client, weather, isHeld),
    }
    let open = 2
    for (const end of [client, server]) {
      // An end that is gone is told by its close, and errors tell no more.
      end.on('error', () => {})
      end.on('close', (hadError) => {
        if (--open === 0) onClose()
        this.#isReset ||= hadError
        this.#reset()
      })
    }
  }

  /** Ends it with a reset, at both ends. */
  cut(): void {
    for (const end of Object.values(this.#ends)) end.resetAndDestroy()
  }

  /** Nothing passes any more, and no end is told. */
  hold(): void {
    this.#isHeld = true
    for (const lane of Object.values(this.#lanes)) lane.run()
  }

  /** What was held comes now, and so does the news that one end has gone meanwhile. */
  release(): void {
    this.#isHeld = false
    this.#reset()
    for (const lane of Object.values(this.#lanes)) lane.hurry()
  }

  /** One way ends as if its sender had said so; the other way goes on. */
  halfClose(way: Way): void {
    this.#lanes[way].end()
  }

  #reset(): void {
    if (this.#isReset && !this.#isHeld && !this.#weather.isBlackhole) this.cut()
  }
}

interface Parcel {
  /** null: the sender has nothing more to say. */
  readonly bytes: Buffer | null
  readonly atMs: number
}

/** One way of a connection: what goes in comes out in order, later. */
class Lane {
  readonly #from: Socket
  readonly #to: Socket
  readonly #weather: Weather
  readonly #isHeld: () => boolean
  #parcels: Parcel[] = []
  #size = 0
  #lastAtMs = 0
  #isOver = false
  #timer: NodeJS.Timeout | undefined

  constructor(from: Socket, to: Socket, weather: Weather, isHeld: () => boolean) {
    this.#from = from
    this.#to = to
    this.#weather = weather
    this.#isHeld = isHeld
    from.on('data', (bytes: Buffer) => this.#put(bytes))
    from.on('end', () => this.#put(null))
    to.on('drain', () => this.run())
    to.on('connect', () => this.run())
    to.on('close', () => clearTimeout(this.#timer))
    this.run()
  }

  /** Nothing more is passed on, and the receiver hears that it is over. */
  end(): void {
    this.#isOver = true
    this.#parcels = []
    this.#size = 0
    this.#to.end()
    // What is still said is taken, and goes nowhere.
    this.#from.resume()
  }

  /** What is under way comes now. */
  hurry(): void {
    this.#parcels = this.#parcels.map(({ bytes }) => ({ bytes, atMs: 0 }))
    this.#lastAtMs = 0
    this.run()
  }

  /** Passes on what may pass by now. */
  run(): void {
    clearTimeout(this.#timer)
    if (this.#isOver) return
    const isHeld = this.#isHeld()
    while (!isHeld && !this.#to.writableNeedDrain) {
      const first = this.#parcels[0]
      if (!first) break
      const waitMs = first.atMs - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.run(), Math.ceil(waitMs))
        break
      }
      this.#parcels.shift()
      if (first.bytes === null) return this.end()
      this.#size -= first.bytes.length
      this.#to.write(first.bytes)
    }
    if (isHeld || this.#to.writableNeedDrain || this.#size > laneBytesMax) this.#from.pause()
    else this.#from.resume()
  }

  #put(bytes: Buffer | null): void {
    if (this.#isOver) return
    const { delayMs, bytesPerSecond } = this.#weather
    const length = bytes?.length ?? 0
    // Bytes pass one after the other, each as long under way as all others.
    this.#lastAtMs = Math.max(this.#lastAtMs, performance.now() + delayMs) + (length / bytesPerSecond) * 1_000
    this.#parcels.push({ bytes, atMs: this.#lastAtMs })
    this.#size += length
    this.run()
  }
}
