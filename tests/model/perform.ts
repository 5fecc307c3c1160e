import { baseKey } from '@app/protocol'
import type { ModelCommand } from '@app/testkit'
import { call, isCall } from './calls.ts'
import type { ModelClient, ModelRoom } from './client.ts'
import { settle } from './settle.ts'
import type { World } from './world.ts'

const tokens = ['user:0', 'user:1', 'nobody', 'wrong', 'later', 'slow']

/** Lets one command happen. */
export async function perform(world: World, command: ModelCommand): Promise<void> {
  switch (command.do) {
    case 'flush':
      return world.advance(0)
    case 'advance':
      return world.advance(command.ms)
    case 'settle':
      return settle(world)
    case 'deadline':
      return toDeadline(world, command.client, command.room, command.offsetMs)
    case 'stall':
      return stall(world, command.ms)
    case 'restart':
      world.server.stop(command.how)
      await world.advance(command.downMs)
      return world.server.start(command.mode)
    case 'stepWall':
      return world.server.stepWall(command.ms)
    default:
      return act(world, world.client(command.client), command)
  }
}

type ClientCommand = Extract<ModelCommand, { client: number }>

function act(world: World, client: ModelClient, command: ClientCommand): void {
  if (isCall(command)) {
    // A page that does not run calls nothing.
    if (client.clock.isAwake) call(client, client.rooms[command.room] as ModelRoom, command)
    return
  }
  const { socket } = client
  const { wire } = socket
  switch (command.do) {
    case 'login':
      if (client.clock.isAwake) client.client.reauthenticate({ token: tokens[command.user] ?? null }).catch(() => {})
      return
    case 'close':
      if (!client.clock.isAwake) return
      for (const { wish } of client.rooms) wish.leave()
      return client.client.close()
    case 'connect':
      return client.clock.isAwake ? client.client.connect() : undefined
    case 'hide':
      if (client.isHidden || !client.clock.isAwake) return
      return client.hide()
    case 'show':
      return client.isHidden ? client.show() : undefined
    case 'hint':
      return client.clock.isAwake ? client.hint() : undefined
    case 'crash':
      client.crash(command.silent)
      return world.replace(command.client)
    case 'pace':
      // Some that are woken are told so by their page.
      if (command.pace === 'running' && client.clock.pace !== 'running' && world.random() < 0.5) client.hint()
      client.clock.pace = command.pace
      client.hasSlept ||= command.pace === 'asleep'
      return
    case 'jump':
      return client.clock.jumpWall(command.ms)
    case 'cut':
      if (command.offline !== 'no') socket.unreachable = command.offline
      if (!wire) return
      if (command.how === 'silent') return wire.sever()
      if (command.how !== 'server') wire.closeClient()
      if (command.how === 'both') wire.closeServer()
      if (command.how === 'client') wire.up.isHeld = true
      if (command.how === 'server') wire.closeServer()
      if (command.how === 'server') wire.down.isHeld = true
      return
    case 'heal':
      socket.unreachable = null
      return
    case 'hold':
      if (wire && command.way !== 'down') wire.up.isHeld = true
      if (wire && command.way !== 'up') wire.down.isHeld = true
      return
    case 'release':
      for (const one of socket.wires) one.hold(false)
      return
    case 'step':
      if (wire && (command.way === 'up' ? world.server.clock?.isAwake : client.clock.isAwake))
        wire[command.way].flush(1)
      return
    case 'taken':
      if (!wire || !world.server.clock?.isAwake) return
      wire.up.flush()
      wire.down.sever()
      wire.closeServer()
      return wire.closeClient()
    case 'lose':
      if (wire?.isUp) {
        wire.loses = 'd'
        world.hasLost = true
      }
      return
    case 'latency':
      socket.latencyMs = command.ms
      return wire?.setLatency(command.ms)
    case 'kick':
      return kick(world, client, client.rooms[command.room] as ModelRoom)
    default:
      throw new Error(`No such command: ${JSON.stringify(command)}`)
  }
}

/** Out of a room, and out of those that are derived from it. */
function kick({ server: { core } }: World, client: ModelClient, { key }: ModelRoom): void {
  const kicked = client.rooms.filter(
    (other) =>
      baseKey(other.key) === baseKey(key) && core?.entries(other.key).some(({ clientId }) => clientId === client.id),
  )
  core?.kick(key, client.id, 0)
  for (const { wish } of kicked) Object.assign(wish, { isSure: false, isKicked: true })
}

/** A stopped process: nothing runs and nothing is read, and then all of it at once. */
async function stall(world: World, ms: number): Promise<void> {
  const { clock, people } = world.server
  if (!clock) return
  clock.pace = 'frozen'
  await world.advance(ms)
  people.stalls(ms)
  clock.pace = 'running'
}

/** Goes to a moment at, before or after the next deadline that a client sees. */
async function toDeadline(world: World, client: number, room: number, offsetMs: number): Promise<void> {
  const { client: real, rooms, clock } = world.client(client)
  if (!clock.isAwake) return
  const nowMs = real.now()
  const aheadMs = [...(rooms[room] as ModelRoom).room.value().values()]
    .map(({ expiresAtMs }) => expiresAtMs + offsetMs - nowMs)
    .filter((ms) => ms >= 0 && ms < 60_000)
  if (aheadMs.length > 0) await world.advance(Math.min(...aheadMs))
}
