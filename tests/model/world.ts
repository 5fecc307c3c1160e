import { PresenceError } from '@app/protocol'
import { Network, randomFrom, Timeline } from '@app/testkit'
import { claim, rethrow } from './broken.ts'
import { ModelClient } from './client.ts'
import { heldTtlMinMs, ModelServer } from './server.ts'

export const keys = ['pr:atelier', 'pr:atelier/cursors']
export const clientCount = 3

const microtasks = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A server, its clients and the network between them, all real but for sockets and time. */
export class World {
  readonly random: () => number
  readonly timeline: Timeline
  readonly network: Network
  readonly server: ModelServer
  readonly clients: ModelClient[]
  #lastId = 0
  /** A message of the server was lost, which only the next one, or the hash of versions, can show. */
  hasLost = false

  constructor(seed: number, clients = clientCount) {
    this.random = randomFrom(seed)
    this.timeline = new Timeline(microtasks, this.random)
    const pings = { pingIntervalMs: heldTtlMinMs / 2, pingTimeoutMs: heldTtlMinMs * 0.4 }
    const unreachable = () => new PresenceError('connection-failed', 'Nobody answers.', { canRetry: true })
    this.network = new Network(() => this.timeline.nowMs, pings, unreachable)
    this.timeline.add(this.network)
    this.server = new ModelServer(this.timeline, this.network)
    this.server.start('fresh')
    this.clients = Array.from({ length: clients }, () => this.#newClient())
  }

  client(index: number): ModelClient {
    return this.clients[index % this.clients.length] as ModelClient
  }

  #newClient(): ModelClient {
    const client = new ModelClient(++this.#lastId, this, keys)
    client.rooms[0]?.watchers[0].listen()
    for (const count of client.counts) count.onChange(() => {})
    return client
  }

  /** Another client takes the place of one that is no more. */
  replace(index: number): void {
    this.clients[index % this.clients.length] = this.#newClient()
  }

  async advance(ms: number): Promise<void> {
    await this.timeline.advance(ms)
    rethrow()
  }

  /** The promises that hold at every moment. */
  async check(): Promise<void> {
    await microtasks()
    rethrow()
    // A server that stood still must first have had its turn.
    if ((this.server.clock?.dueInMs() ?? 0) > 0 && this.server.clock?.isAwake) this.server.mirror?.check()
    for (const client of this.clients) this.#checkClient(client)
    await microtasks()
    // A read may have said goodbye to my own entry, and the write found that the connection is none any more.
    for (const client of this.clients) this.#checkClient(client)
    await microtasks()
    for (const { clock, rooms } of this.clients) {
      if (clock.isAwake) for (const { watchers } of rooms) for (const watcher of watchers) watcher.checkTold()
    }
    rethrow()
  }

  #checkClient(client: ModelClient): void {
    const isOnTime = client.clock.pace === 'running'
    this.#checkStatus(client)
    // A page that does not run does not read either.
    if (!client.clock.isAwake) return
    for (const { watchers } of client.rooms) {
      for (const watcher of watchers) {
        if (!watcher.isListening) continue
        watcher.checkAnnounced(isOnTime && client.clock.dueInMs() > 0)
        watcher.look()
      }
    }
    if (client.isConnected && client.socket.wire?.isUp) this.#checkSync(client)
  }

  /** The status of a room is right at every moment. */
  #checkStatus({ id, client, rooms, heard }: ModelClient): void {
    const present = client.inspect().rooms
    for (const { key, room } of rooms) {
      // Without a connection a room is exited in silence.
      if (!present.some((one) => one.key === key)) heard.forget(key)
      const status = heard.statusOf(key, client.status)
      claim(
        room.status === status || !present.some((one) => one.key === key),
        'R5',
        () => `client ${id} says that ${key} is ${room.status}; it is ${status}`,
      )
    }
  }

  /** Who has heard the same of a room shows the same, whatever the way. */
  #checkSync(client: ModelClient): void {
    const { mirror } = this.server
    const { rooms } = client.client.inspect()
    for (const { key, room, watchers } of client.rooms) {
      const report = rooms.find((one) => one.key === key)
      const truth = mirror?.rooms.get(key)
      if (!watchers[0].isListening || report?.status !== 'live' || !truth?.isSure) continue
      if (report.epoch !== mirror?.epoch || report.version !== truth.version) continue
      const nowMs = client.client.now()
      const entries = room.value()
      const rows = [...truth.rows.values()].filter(({ clientId }) => clientId !== client.id)
      const live = rows.filter(({ heldTtlMs, expiresAtMs }) => heldTtlMs > 0 || nowMs <= expiresAtMs)
      const others = [...entries.values()].filter(({ clientId }) => clientId !== client.id)
      const say = (what: string) => () => `client ${client.id} in ${key} at version ${truth.version}: ${what}`
      for (const row of live) {
        const entry = entries.get(row.clientId)
        claim(entry !== undefined, 'S1', say(`client ${row.clientId} is missing`))
        claim(JSON.stringify(entry.data) === row.json, 'S1', say(`client ${row.clientId} has other data`))
        claim(JSON.stringify(entry.user ?? null) === row.user, 'S1', say(`client ${row.clientId} has another user`))
        claim(entry.joinedAtMs === row.joinedAtMs, 'S1', say(`client ${row.clientId} joined at another moment`))
        if (row.heldTtlMs === 0)
          claim(entry.expiresAtMs === row.expiresAtMs, 'S1', say(`client ${row.clientId} ends at another moment`))
      }
      claim(others.length === live.length, 'S1', say('there is somebody whom the server did not name'))
    }
  }
}
