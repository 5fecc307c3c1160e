import { isMoveGroup, unpackMoves, type EntryRow, type ServerMessage, type UpdateRow } from '@app/protocol'
import { modelScenarios, search, type ModelCommand, type ModelScenario } from '@app/testkit'
import { expect, test } from 'vitest'
import type { Host, Serve } from '../../packages/client/src/testing/host.ts'
import { serveFromMemory } from '../../packages/client/src/testing/serve-from-memory.ts'
import { World, type WorldClient } from '../../packages/client/src/testing/world.ts'
import type { PresenceEntry, Track } from '../../packages/client/src/presence.ts'
import { PresenceCore } from '../../packages/server/src/core.ts'
import type { Connection } from '../../packages/server/src/connection.ts'
import { checkOptions } from '../../packages/server/src/server-options.ts'
import { memoryStore } from '../../packages/server/src/stores/memory-store.ts'

/*
 * `@app/client/testing` has a small server of its own, since a client may not import a server. Here the same random life is
 * lived in two worlds, one with that server and one with the real one, and whatever a client is told and can see must be the same in
 * both, to the millisecond.
 */

const keys = ['pr:atelier', 'pr:atelier/cursors']
const clientCount = 3
const commandsEach = 100
const seed = Number(process.env['MODEL_SEED'] ?? 7_000)
const scenariosMin = Number(process.env['MODEL_RUNS'] ?? 150)

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const knock = { origin: undefined, host: undefined, address: undefined, isForwarded: false, headers: {} }

/** The real server below its sockets, with the wires of a world. */
const serveByCore: Serve = (clock): Host => {
  const groups = new Map<string, Set<Parameters<Host['connect']>[1]>>()
  const core = new PresenceCore({
    ...checkOptions({ logger: silent, store: memoryStore(), limits: { userConnections: 10_000 } }),
    auth: undefined,
    policy: { mode: 'auth', origins: undefined },
    clock,
    transport: {
      broadcast: (group, message) => {
        for (const link of groups.get(group) ?? []) link.send(message)
      },
    },
  })
  return {
    connect(handshake, link) {
      let connection: Connection | null = null
      let isOver = false
      const leaveAll = (): void => {
        for (const group of groups.values()) group.delete(link)
      }
      const end = {
        send: (message: unknown) => link.send(message as never),
        close: () => {
          leaveAll()
          link.close()
        },
        isBehind: () => false,
        isDrowning: () => false,
        join: (group: string) => {
          groups.set(group, (groups.get(group) ?? new Set()).add(link))
        },
        leave: (group: string) => void groups.get(group)?.delete(link),
      }
      void core.admit(handshake, knock).then((admission) => {
        if (!isOver) connection = core.connect(end, admission)
      })
      return {
        onPacket: () => connection?.onPacket(),
        onMessage: (message) => connection?.onMessage(message),
        onClose: () => {
          isOver = true
          leaveAll()
          connection?.onClose()
        },
      }
    },
    stop: () => void core.close(),
  }
}

interface Seen {
  readonly when: string
  readonly what: string
}

/** What the server says counts as seen, too: what a client makes of it may hide a difference. */
function overheard(host: Host, all: Seen[], nowMs: () => number): Host {
  return {
    ...host,
    connect(handshake, link) {
      const names = new Names()
      return host.connect(handshake, {
        send(message) {
          const when = `${nowMs()} told client ${handshake.clientId}`
          for (const [about, ...what] of names.read(message))
            all.push({ when: `${when} ${String(about)}:`, what: JSON.stringify(what) })
          link.send(message)
        },
        close() {
          all.push({ when: `${nowMs()} told client ${handshake.clientId} :`, what: 'is closed' })
          link.close()
        },
      })
    },
  }
}

/** Numbers of rooms, slots and versions are the server's own; here they are rooms, clients and steps. */
class Names {
  readonly #keys = new Map<number, string>()
  readonly #clients = new Map<string, number>()
  readonly #puts = new Map<string, number>()

  /** What a message says, each about a room; in an order that does not depend on the server. */
  read(message: ServerMessage): unknown[][] {
    switch (message[0]) {
      case 'hello':
        return [['', 'hello', { ...message[1], epoch: '' }]]
      case 's': {
        const [, key, number, , , entries] = message
        this.#keys.set(number, key)
        return [[key, 's', sorted(entries.map((row) => this.#join(number, row)))]]
      }
      case 'd': {
        const [, number, from, to, updates, gone = [], joins = [], leases = []] = message
        const left = gone.map(([slot, reason]) => [this.#client(number, slot), reason])
        const came = joins.map((row) => this.#join(number, row))
        const rows = updates.flatMap((row): UpdateRow[] =>
          isMoveGroup(row)
            ? unpackMoves(row).map(({ slot, step, data }) => [
                slot,
                (this.#puts.get(`${number} ${slot}`) ?? 0) + step,
                data,
              ])
            : [row],
        )
        const changed = rows.map(([slot, n, ...more]) => this.#change(number, slot, n, more))
        const renewed = leases.map(([slot, n, ...more]) => this.#change(number, slot, n, more))
        return [[this.#keys.get(number), 'd', to - from, ...[left, came, changed, renewed].map(sorted)]]
      }
      case 'v':
        return [['', 'v']]
      case 'k':
      case 'c':
      case 'pace':
        return [[message[1], message[0], ...message.slice(2)]]
      default:
        return [['', ...message]]
    }
  }

  #join(number: number, [slot, clientId, n, ...more]: EntryRow): unknown[] {
    this.#clients.set(`${number} ${slot}`, clientId)
    this.#puts.set(`${number} ${slot}`, n)
    return [clientId, n, ...more]
  }

  #change(number: number, slot: number, n: number, more: unknown[]): unknown[] {
    this.#puts.set(`${number} ${slot}`, n)
    return [this.#client(number, slot), n, ...more]
  }

  #client(number: number, slot: number): number | undefined {
    return this.#clients.get(`${number} ${slot}`)
  }
}

const sorted = (rows: readonly unknown[][]): string[] => rows.map((row) => JSON.stringify(row)).sort()

/** One client, the calls that it makes, and all that it sees. */
class Person {
  readonly client: WorldClient
  readonly #rooms
  readonly #seen: Seen[]
  readonly #name: string
  readonly #world: World
  isAsleep = false

  constructor(world: World, seen: Seen[]) {
    this.#world = world
    this.#seen = seen
    this.client = world.client({ user: { id: 'user-0' } })
    this.#name = `client ${this.client.clientId}`
    this.client.onStatus((status) => this.#saw(`is ${status}`))
    this.client.onError(({ code }) => this.#saw(`hears ${code}`))
    this.#rooms = keys.map((key) => ({
      key,
      room: this.client.presence(key),
      tracks: [] as Track<unknown>[],
      hush: null as (() => void) | null,
    }))
    for (const at of this.#rooms) {
      at.room.onStatus((status) => this.#saw(`is ${status}`, at.key))
      this.client.count(at.key).onChange((count) => this.#saw(`counts ${JSON.stringify(count)}`, at.key))
    }
    this.listen(0)
  }

  #saw(what: string, key = ''): void {
    this.#seen.push({ when: `${this.#world.nowMs} ${this.#name} ${key}:`, what })
  }

  listen(index: number): void {
    const at = this.#rooms[index]
    if (!at) return
    at.hush ??= at.room.onChange((_, { joined, updated, left }) => {
      const lists = [joined.map(told), updated.map(told), left.map(({ entry, reason }) => `${reason} ${told(entry)}`)]
      // Nor is the order within one change.
      this.#saw(lists.map((list) => list.sort().join(' ')).join(' | '), at.key)
    })
  }

  /** All that is there to be seen now, but for what a held deadline looks like between two packets. */
  look(): void {
    if (this.isAsleep) return
    const shown = this.#rooms.map(({ room }) => [...room.value().values()].map(told).sort().join(' '))
    this.#saw(`sees ${shown.join(' | ')}, at ${this.client.now()}`)
  }

  async does(command: Extract<ModelCommand, { client: number }>): Promise<void> {
    const at = 'room' in command ? this.#rooms[command.room] : undefined
    switch (command.do) {
      case 'heartbeat':
        return at?.room.heartbeat(command.data, command.ttlMs)
      case 'track':
        at?.tracks.push(at.room.track(command.data, { ttlMs: command.ttlMs }))
        return
      case 'update':
        return at?.tracks[command.track % at.tracks.length]?.update(command.data)
      case 'stop':
        return at?.tracks.splice(command.track % at.tracks.length, 1)[0]?.stop()
      case 'leave':
        return at?.room.leave()
      case 'listen':
        return this.listen(command.room)
      case 'hush':
        at?.hush?.()
        if (at) at.hush = null
        return
      case 'login':
        void this.client.reauthenticate({ user: { id: `user-${command.user}` } }).catch(() => {})
        return
      case 'close':
        return this.client.close()
      case 'connect':
        return this.client.connect()
      default:
    }
  }
}

const told = ({ clientId, data, expiresAtMs, joinedAtMs, user }: PresenceEntry): string =>
  JSON.stringify([clientId, data, expiresAtMs, joinedAtMs, user?.id])

/** Lives a scenario, as far as it can happen in a world for testing; returns what everyone saw at each step. */
async function live({ seed: worldSeed, commands }: ModelScenario, serve: Serve): Promise<string[][]> {
  const all: Seen[] = []
  const world = new World({ seed: worldSeed }, (clock) => overheard(serve(clock), all, () => clock.wallMs()))
  const steps: string[][] = []
  const people = Array.from({ length: clientCount }, () => new Person(world, all))
  for (const command of commands) {
    await step(world, people, all, command)
    for (const person of people) person.look()
    // Which of two rooms is told first at one moment is not promised.
    const seen = all.splice(0).sort((a, b) => (a.when < b.when ? -1 : Number(a.when > b.when)))
    steps.push(seen.map(({ when, what }) => `${when} ${what}`))
  }
  world.close()
  return steps
}

async function step(world: World, people: Person[], all: Seen[], command: ModelCommand): Promise<void> {
  if (command.do === 'flush') return world.advance()
  if (command.do === 'advance') return world.advance(command.ms)
  if (!('client' in command)) return
  const index = command.client % people.length
  const person = people[index] as Person
  const { client } = person
  switch (command.do) {
    case 'crash':
      client.crash()
      people[index] = new Person(world, all)
      return
    case 'pace':
      person.isAsleep = command.pace === 'asleep' || command.pace === 'frozen'
      return person.isAsleep ? client.sleep() : client.wake()
    case 'cut':
      return client.offline()
    case 'heal':
      return client.online()
    default:
      // A page that does not run calls nothing.
      return person.isAsleep ? undefined : person.does(command)
  }
}

test('[P2] [S1] [L3] in the world of @app/client/testing clients see what they see with the real server', async () => {
  let steps = 0
  const reasons = new Set<string>()
  const found = await search(
    modelScenarios(clientCount, keys.length, commandsEach),
    async (scenario) => {
      const [small, real] = [await live(scenario, serveFromMemory), await live(scenario, serveByCore)]
      for (const [at, seen] of small.entries()) {
        const other = real[at] ?? []
        const line = seen.findIndex((each, index) => each !== other[index])
        if (line < 0 && seen.length === other.length) continue
        const first = line < 0 ? seen.length : line
        throw new Error(
          `step ${at}, ${JSON.stringify(scenario.commands[at])}: in memory "${seen[first]}", really "${other[first]}"`,
        )
      }
      steps += small.length
      for (const seen of small)
        for (const line of seen)
          for (const [, reason = ''] of line.matchAll(/ (left|expired|lost) \[/g)) reasons.add(reason)
    },
    { seed, isEnough: ({ scenarios }) => scenarios >= scenariosMin },
  )
  console.info(`seed ${seed}: ${steps} steps in ${found.scenarios} scenarios`)
  if (found.failure) {
    const { scenario, error } = found.failure
    const story = scenario.commands.map((command) => `  ${JSON.stringify(command)},`).join('\n')
    const again = `Found with seed ${found.seed}; shortest, with seed ${scenario.seed}:`
    throw new Error(`${(error as Error).message}\n${again}\n${story}`, { cause: error })
  }
  // Or nothing happened that is worth comparing.
  expect([...reasons].sort()).toEqual(['expired', 'left', 'lost'])
})
