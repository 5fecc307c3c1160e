import { connectTo, FakeClock, FakeLinks, type DrivenClient } from '@app/testkit'
import { isMoveGroup, unpackMoves, type Message, type MoveGroup, type UpdateRow } from '@app/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PresenceCore } from './core.ts'
import { snapshot } from './delta.ts'
import { checkOptions } from './server-options.ts'

/*
 * Whatever clients do and whenever, one that follows PROTOCOL.md holds what the server holds.
 */

const clientIds = [1, 2, 3] as const
const keys = ['pr:a', 'pr:b'] as const

type Row = readonly unknown[]

function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}

/** A room as a client has it. Any step that does not fit is an error, so a gap or a double is found where it happens. */
class Replica {
  version = -1
  number = -1
  rows = new Map<unknown, Row>()

  snapshot([, , number, , version, entries]: Message): void {
    this.version = version as number
    this.number = number as number
    this.rows = new Map((entries as Row[]).map((row) => [row[0], row]))
  }

  delta([, , from, to, updates, gone, joins, leases]: Message): void {
    must(from === this.version, `a delta from ${String(from)} came to version ${this.version}`)
    this.version = to as number
    for (const [slot] of (gone ?? []) as Row[])
      must(this.rows.delete(slot), `slot ${String(slot)} is gone, and never was`)
    for (const row of (joins ?? []) as Row[]) this.rows.set(row[0], row)
    const rows = updates as (UpdateRow | MoveGroup)[]
    for (const { slot, step, data } of rows.filter(isMoveGroup).flatMap(unpackMoves)) {
      const [, clientId, n, , ...rest] = this.#known(slot)
      this.rows.set(slot, [slot, clientId, (n as number) + step, data, ...rest])
    }
    for (const [slot, n, data, expiresAtMs] of rows.filter((row) => !isMoveGroup(row)) as unknown as Row[]) {
      const [, clientId, , , deadlineMs, heldTtlMs, ...rest] = this.#known(slot)
      const lease = expiresAtMs === undefined ? [deadlineMs, heldTtlMs] : [expiresAtMs, 0]
      this.rows.set(slot, [slot, clientId, n, data, ...lease, ...rest])
    }
    for (const [slot, n, expiresAtMs, heldTtlMs] of (leases ?? []) as Row[]) {
      const [, clientId, , data, , , ...rest] = this.#known(slot)
      this.rows.set(slot, [slot, clientId, n, data, expiresAtMs, heldTtlMs, ...rest])
    }
  }

  #known(slot: unknown): Row {
    const row = this.rows.get(slot)
    must(row !== undefined, `slot ${String(slot)} changed, and is not there`)
    return row ?? []
  }
}

class World {
  readonly clock = new FakeClock()
  readonly links = new FakeLinks()
  readonly core = new PresenceCore({
    ...checkOptions({ graceMs: 3_000, heldTtlMinMs: 2_000 }),
    clock: this.clock,
    transport: this.links,
    policy: { mode: 'loopback', origins: undefined },
  })
  readonly clients = new Map<number, DrivenClient>()
  readonly replicas = new Map<string, Replica>()
  readonly #lastPuts = new Map<number, readonly [key: string, held: number, ttlMs: number, data: number]>()
  #n = 0

  async connect(clientId: number, user: string | undefined): Promise<void> {
    this.#forget(clientId)
    this.clients.set(
      clientId,
      await connectTo(this.core, this.links, { clientId, ...(user ? { user: { id: user } } : {}) }),
    )
  }

  say(clientId: number, event: string, ...args: unknown[]): void {
    this.clients.get(clientId)?.say(event, ...args)
  }

  put(clientId: number, key: string, held: number, ttlMs: number, data: number): void {
    this.#lastPuts.set(clientId, [key, held, ttlMs, data])
    // Objects have a short form on the wire, with one key or two.
    const shapes = [data, { x: data }, { x: data, y: 0 }]
    this.say(clientId, 'p', [[key, ++this.#n, ttlMs, held, shapes[data % 3]]])
  }

  /** The same again, as a heartbeat comes. */
  renew(clientId: number): void {
    const last = this.#lastPuts.get(clientId)
    if (last) this.put(clientId, ...last)
  }

  leave(clientId: number, key: string): void {
    this.say(clientId, 'l', key, ++this.#n)
  }

  /** What still comes of the room is not listened to. */
  exit(clientId: number, key: string): void {
    this.listen()
    this.say(clientId, 'exit', key)
    this.listen()
    this.replicas.delete(`${clientId} ${key}`)
  }

  lose(clientId: number): void {
    this.clients.get(clientId)?.lose()
    this.#forget(clientId)
  }

  advance(ms: number, alive: readonly number[]): void {
    for (const clientId of alive) this.clients.get(clientId)?.packet()
    for (let left = ms; left >= 0; left -= 50) {
      this.clock.advance(Math.min(left, 50))
      this.listen()
      this.checkDeadlines()
    }
  }

  /** Every client takes what has come. */
  listen(): void {
    for (const [clientId, client] of this.clients) {
      for (const message of client.take()) this.#hear(clientId, message)
    }
  }

  /** [P2] what a client believes to be expired, the server does not hold any more. */
  checkDeadlines(): void {
    for (const [name, { rows }] of this.replicas) {
      const held = new Map(this.core.entries(name.split(' ')[1] ?? '').map((entry) => [entry.slot, entry]))
      for (const [slot, , , , expiresAtMs] of rows.values()) {
        const isOver = expiresAtMs !== 0 && (expiresAtMs as number) < this.core.nowMs
        must(!isOver || !held.has(slot as number), `slot ${String(slot)} was renewed, and was told too late`)
      }
    }
  }

  /** Room by room, what a replica holds and what the server holds. */
  views(): { replicas: Row[][]; server: Row[][] } {
    const server = [...this.replicas.keys()].map((name) => {
      const room = this.core.entries(name.split(' ')[1] ?? '')[0]?.room
      return inOrder(room ? (JSON.parse(JSON.stringify(snapshot(room, '')[5])) as Row[]) : [])
    })
    return { replicas: [...this.replicas.values()].map(({ rows }) => inOrder(rows.values())), server }
  }

  /** Lets traffic stop. An entry that expires at the very moment of looking is told a little later. */
  settle(): { replicas: Row[][]; server: Row[][] } {
    for (let i = 0; i < 100; i++) {
      this.advance(50, clientIds)
      const { replicas, server } = this.views()
      if (JSON.stringify(replicas) === JSON.stringify(server)) break
    }
    return this.views()
  }

  #hear(clientId: number, message: Message): void {
    if (message[0] === 's') {
      const name = `${clientId} ${String(message[1])}`
      const replica = this.replicas.get(name) ?? new Replica()
      this.replicas.set(name, replica)
      replica.snapshot(message)
    }
    if (message[0] === 'd') {
      const mine = [...this.replicas].filter(([name]) => name.startsWith(`${clientId} `)).map(([, replica]) => replica)
      const replica = mine.find(({ number }) => number === message[1])
      must(replica !== undefined, 'a delta came without a snapshot before it')
      replica?.delta(message)
    }
  }

  #forget(clientId: number): void {
    this.clients.delete(clientId)
    for (const key of keys) this.replicas.delete(`${clientId} ${key}`)
  }
}

/** In the order of their slots, and without `n`: a put that changes nothing is told to its sender only. */
function inOrder(rows: Iterable<Row>): Row[] {
  return [...rows]
    .sort((a, b) => Number(a[0]) - Number(b[0]))
    .map(([slot, clientId, , ...rest]) => [slot, clientId, ...rest])
}

const client = fc.constantFrom(...clientIds)
const key = fc.constantFrom(...keys)
const step: fc.Arbitrary<(world: World) => void | Promise<void>> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(client, key, fc.constantFrom(0, 1), fc.constantFrom(1_000, 1_500, 5_000), fc.nat(2))
      .map((put) => (world: World) => world.put(...put)),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(client, key).map(
      ([id, room]) =>
        (world: World) =>
          world.say(id, 'enter', room),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(client, key).map(
      ([id, room]) =>
        (world: World) =>
          world.exit(id, room),
    ),
  },
  { weight: 2, arbitrary: fc.tuple(client, key).map((leave) => (world: World) => world.leave(...leave)) },
  { weight: 4, arbitrary: client.map((id) => (world: World) => world.renew(id)) },
  { weight: 1, arbitrary: client.map((id) => (world: World) => world.say(id, 'bye')) },
  { weight: 1, arbitrary: client.map((id) => (world: World) => world.lose(id)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(client, fc.constantFrom(undefined, 'ada', 'grace'))
      .map((who) => (world: World) => world.connect(...who)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(client, key).map(
      ([id, room]) =>
        (world: World) =>
          void world.core.kick(room, id, 0),
    ),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(0, 1, 10, 33, 400, 900, 2_500), fc.subarray([...clientIds]))
      .map((pass) => (world: World) => world.advance(...pass)),
  },
)

test('[S4] [S1] whatever happens in whatever order, every client ends up with what the server holds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const world = new World()
      for (const clientId of clientIds) await world.connect(clientId, undefined)
      for (const take of steps) {
        await take(world)
        world.listen()
        world.checkDeadlines()
      }
      const { replicas, server } = world.settle()
      expect(replicas).toEqual(server)
      void world.core.close()
    }),
    { numRuns: 200, seed: 20_260_101 },
  )
})
