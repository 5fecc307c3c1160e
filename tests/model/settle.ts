import { countOf } from '../../packages/server/src/room.ts'
import { claim } from './broken.ts'
import type { ModelClient, ModelRoom } from './client.ts'
import { keys, type World } from './world.ts'

// The longest wait between two attempts, a pulled cable's timeout before it, and time to speak after it.
const reconnectMaxMs = 30_000 + 18_000 + 10_000 + 5_000
// A lost last message is found within a minute (S2).
const foundWithinMs = 65_000

const endsWithinMs = 1_000
// Half of the longest way, and what the server's clock may be led back in two minutes.
const timeOffMaxMs = 300 + 120
// The longest lease of a timed entry in `modelCommands`.
const leaseMaxMs = 61_000

/** Everything is healed, woken and delivered; then all clients of a room must hold the same as the server (S4). */
export async function settle(world: World): Promise<void> {
  if (!world.server.core) world.server.start('fresh')
  if (world.server.clock) world.server.clock.pace = 'running'
  for (const client of world.clients) heal(client)
  await world.advance(1_000)
  let asked = 0
  for (const client of world.clients) {
    asked++
    logIn(client, () => asked--)
  }
  await until(world, reconnectMaxMs, () => asked === 0)
  await until(world, reconnectMaxMs, () => world.clients.every(isReallyConnected))
  for (const client of world.clients)
    claim(
      client.isConnected,
      'R5',
      () => `client ${client.id} is ${client.client.status} and has a network and a server`,
    )
  await world.advance(3_000)
  if (world.random() < 0.1 && world.clients.some(({ hasSlept }) => hasSlept)) await toldTheTime(world)
  await until(world, world.hasLost ? foundWithinMs : 0, () =>
    world.clients.every((client) => hasHeardAll(world, client)),
  )
  world.hasLost = false
  // A put that came and ran out in one pause of the server is never answered; my own clock ends it.
  await until(world, leaseMaxMs, () => world.clients.every(hasNothingToSay))
  await until(
    world,
    endsWithinMs * 10,
    () => !isAboutToEnd(world) && world.clients.every((client) => wrongCounts(world, client).length === 0),
  )
  // The look at the server's entries was a turn, and may have something to tell.
  await world.advance(endsWithinMs / 2)
  await world.check()
  for (const client of world.clients) {
    checkTime(world, client)
    checkCounts(world, client)
    for (const room of client.rooms) {
      compare(world, client, room)
      room.wish.isKicked = false
    }
  }
}

/** A machine that slept is told the time with the next hash; before, it may be behind by what it slept (C1). */
function checkTime(world: World, client: ModelClient): void {
  const offMs = Math.abs(client.client.now() - world.server.nowMs)
  claim(
    offMs <= timeOffMaxMs || client.hasSlept,
    'C1',
    () => `client ${client.id} is off the server's time by ${offMs} ms`,
  )
}

/** A second after the last change, who counts a room knows how many are in it (U2). */
function checkCounts(world: World, client: ModelClient): void {
  if (isAboutToEnd(world)) return
  const [wrong] = wrongCounts(world, client)
  claim(wrong === undefined, 'U2', () => `client ${client.id} is wrong about how many there are: ${wrong}`)
}

function wrongCounts({ server }: World, { counts }: ModelClient): string[] {
  return counts.flatMap((count) => {
    const [said, is] = [count.value(), countOf(server.core?.entries(count.key) ?? [])]
    if (said?.users === is.users && said.clients === is.clients) return []
    return [`in ${count.key} it counts ${JSON.stringify(said)}, the server ${JSON.stringify(is)}`]
  })
}

function heal(client: ModelClient): void {
  client.clock.pace = 'running'
  client.socket.unreachable = null
  for (const wire of client.socket.wires) {
    wire.hold(false)
    wire.loses = null
  }
  if (client.isHidden) client.show()
  for (const { watchers } of client.rooms) for (const watcher of watchers) watcher.inside = null
}

function logIn(client: ModelClient, onAnswer: () => void): void {
  const { status } = client.client
  if (status === 'closed' || status === 'idle') client.client.connect()
  client.client
    .reauthenticate({ token: `user:${client.id % 2}` })
    .catch(() => {})
    .finally(onAnswer)
}

/** An entry ends by each clock in its own moment, and the server's is slewed when its machine's was stepped (C1). */
function isAboutToEnd(world: World): boolean {
  const rows = keys.flatMap((key) => world.server.core?.entries(key) ?? [])
  return rows.some(({ lease }) => lease.kind !== 'held' && lease.expiresAtMs - world.server.nowMs < endsWithinMs)
}

/** Also by a wire that is whole: a pulled cable goes unnoticed for a while. */
function isReallyConnected(client: ModelClient): boolean {
  return client.isConnected && client.socket.wires.every((wire) => wire.isOver || wire.isWhole)
}

async function until(world: World, withinMs: number, isTrue: () => boolean): Promise<void> {
  for (let leftMs = withinMs; leftMs > 0 && !isTrue(); leftMs -= 1_000) await world.advance(1_000)
}

async function toldTheTime(world: World): Promise<void> {
  await world.advance(foundWithinMs)
  for (const client of world.clients)
    if (client.rooms.some(({ watchers }) => watchers[0].isListening)) client.hasSlept = false
}

function hasNothingToSay({ client }: ModelClient): boolean {
  return client.inspect().rooms.every(({ outbox }) => outbox === null)
}

function hasHeardAll(world: World, client: ModelClient): boolean {
  const heard = client.client.inspect().rooms
  return client.rooms.every(({ key, watchers }) => {
    const truth = world.server.mirror?.rooms.get(key)
    return !watchers[0].isListening || heard.find((room) => room.key === key)?.version === truth?.version
  })
}

function compare(world: World, client: ModelClient, { key, room, watchers, wish }: ModelRoom): void {
  const truth = world.server.core?.entries(key) ?? []
  const mine = truth.find(({ clientId }) => clientId === client.id)
  if (wish.isSure && wish.tracks.length > 0) {
    const say = () => `client ${client.id} tracks in ${key} and is connected; the server has ${mine?.json ?? 'nothing'}`
    claim(mine?.json === wish.own && mine?.lease.kind === 'held', 'L2', say)
  }
  claim(!wish.isOut || mine === undefined, 'L1', () => `client ${client.id} was kicked out of ${key} and is back`)
  if (wish.isSure && wish.own === null)
    claim(mine === undefined, 'P6', () => `client ${client.id} left ${key}; the server has ${mine?.json}`)
  if (!watchers[0].isListening) return
  const entries = room.value()
  const theirs = [...entries.values()].map((entry) =>
    describe(entry.clientId, entry.data, entry.user, entry.joinedAtMs),
  )
  const ours = truth.map((entry) => describe(entry.clientId, entry.data, entry.user, entry.joinedAtMs))
  claim(theirs.sort().join('\n') === ours.sort().join('\n'), 'S4', () => {
    return `client ${client.id} in ${key} holds [${theirs.join(' ')}], the server [${ours.join(' ')}]`
  })
}

function describe(clientId: number, data: unknown, user: { id: string } | undefined, joinedAtMs: number): string {
  return `${clientId}=${JSON.stringify(data)} by ${user?.id} since ${joinedAtMs}`
}
