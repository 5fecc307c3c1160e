import { PresenceError } from '@app/protocol'
import type { ModelCommand, ModelData } from '@app/testkit'
import { claim } from './broken.ts'
import { jsonOf, ListenerError, type ModelClient, type ModelRoom } from './client.ts'
import { dataBytes } from './server.ts'

const bigData = 'x'.repeat(dataBytes)

type Call = Extract<
  ModelCommand,
  { do: 'heartbeat' | 'track' | 'update' | 'stop' | 'leave' | 'bad' | 'big' | 'listen' | 'hush' | 'throw' | 'nest' }
>

const callNames = 'heartbeat track update stop leave bad big listen hush throw nest'.split(' ')

export function isCall(command: ModelCommand): command is Call {
  return callNames.includes(command.do)
}

/** Lets an application call, and holds the client to what it shows at once. */
export function call(client: ModelClient, at: ModelRoom, command: Call): void {
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
