import { PresenceError } from '@app/protocol'
import type { ModelCommand, ModelData } from '@app/testkit'
import { claim } from './broken.ts'
import { jsonOf, ListenerError, type ModelClient, type ModelRoom } from './client.ts'
import { dataBytes } from './server.ts'
import { settle } from './settle.ts'
import type { World } from './world.ts'

const bigData = 'x'.repeat(dataBytes)
const tokens = ['user:0', 'user:1', 'nobody', 'wrong', 'later']

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
  if (isOfApplication(command)) {
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
      client.clock.pace = command.pace
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
      world.server.core?.kick(client.rooms[command.room]?.key ?? '', client.id)
      for (const { wish } of client.rooms) wish.isSure = false
      return
    default:
      throw new Error(`No such command: ${JSON.stringify(command)}`)
  }
}

type Call = Extract<
  ModelCommand,
  { do: 'heartbeat' | 'track' | 'update' | 'stop' | 'leave' | 'bad' | 'big' | 'listen' | 'hush' | 'throw' | 'nest' }
>

const callNames = 'heartbeat track update stop leave bad big listen hush throw nest'.split(' ')

function isOfApplication(command: ClientCommand): command is Call {
  return callNames.includes(command.do)
}

function call(client: ModelClient, at: ModelRoom, command: Call): void {
  const { room, tracks, wish, watchers } = at
  switch (command.do) {
    case 'heartbeat':
      // The wish first: a listener may call again before the call returns.
      wish.heartbeat(jsonOf(command.data))
      room.heartbeat(command.data, command.ttlMs)
      return checkOwn(client, at)
    case 'track':
      return track(client, at, command.data, command.ttlMs)
    case 'update': {
      const updated = tracks[command.track % tracks.length]
      if (!updated) return
      const was = room.mine()
      wish.show(updated.id, jsonOf(command.data))
      updated.track.update((current: unknown) => {
        claim(was === undefined || current === was, 'P12', () => 'update(fn) does not get the current data')
        return command.data
      })
      return checkOwn(client, at)
    }
    case 'stop': {
      const [stopped] = tracks.splice(command.track % Math.max(1, tracks.length), 1)
      if (!stopped) return
      const showed = wish.stop(stopped.id)
      stopped.track.stop()
      return showed ? checkOwn(client, at) : undefined
    }
    case 'leave':
      wish.leave()
      room.leave()
      return checkOwn(client, at)
    case 'bad':
      return bad(at, command.what)
    case 'big':
      return big(at, command.held)
    case 'listen':
      for (const watcher of watchers) watcher.listen()
      return
    case 'hush':
      for (const watcher of watchers) watcher.hush()
      return
    case 'throw':
      watchers[0].inside = () => {
        throw new ListenerError('a listener of the application fails')
      }
      return
    case 'nest':
      watchers[0].inside = () => {
        if (command.call === 'track') track(client, at, 'nested', 30_000)
        else call(client, at, command.call === 'leave' ? { ...command, do: 'leave' } : nestedHeartbeat(command))
      }
  }
}

const nestedHeartbeat = ({ client, room }: { client: number; room: number }): Call => {
  return { do: 'heartbeat', client, room, data: 'nested', ttlMs: 5_000 }
}

function track(client: ModelClient, at: ModelRoom, data: ModelData, ttlMs: number): void {
  const id = ++at.lastTrack
  at.wish.show(id, jsonOf(data))
  at.tracks.push({ id, track: at.room.track(data, { ttlMs }) })
  checkOwn(client, at)
}

/** What I asked for shows in my own `value()` at once (P1, P6, P12). */
function checkOwn(client: ModelClient, { key, room, wish }: ModelRoom): void {
  if (!wish.isSure) return
  const own = room.value().get(client.id)
  const shown = own ? JSON.stringify(own.data) : null
  claim(shown === wish.own, wish.own === null ? 'P6' : 'P1', () => {
    return `client ${client.id} in ${key} asked for ${wish.own} and sees ${shown}`
  })
}

/** A call that is refused where it is made changes nothing. */
function bad({ key, room, points }: ModelRoom, what: 'ttl' | 'data' | 'size' | 'schema'): void {
  const before = room.value()
  try {
    if (what === 'ttl') room.heartbeat(1, Number.NaN)
    else if (what === 'data') room.track(Number.NaN)
    else if (what === 'size') room.heartbeat('x'.repeat(5_000), 5_000)
    else points.track('no point')
  } catch (error) {
    claim(error instanceof PresenceError, 'P8', () => `${key}: a bad ${what} throws ${String(error)}`)
    claim(room.value() === before, 'P8', () => `${key}: a bad ${what} changes something`)
    return
  }
  claim(false, 'P8', () => `${key}: a bad ${what} throws nothing`)
}

/** Over the server's limit: before the first hello only the server can refuse it. */
function big(at: ModelRoom, isHeld: boolean): void {
  const { room, tracks, wish } = at
  try {
    if (isHeld) tracks.push({ id: ++at.lastTrack, track: room.track(bigData) })
    else room.heartbeat(bigData, 5_000)
    wish.isSure = false
  } catch (error) {
    claim(error instanceof PresenceError && error.code === 'too-large', 'P8', () => String(error))
  }
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
