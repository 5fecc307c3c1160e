import { setTimeout as sleep } from 'node:timers/promises'
import { clients } from './peers/clients.ts'
import type { PeerName } from './peers/names.ts'
import type { LightClient, Name, Peer } from './peers/peer.ts'
import { Sightings } from './sightings.ts'

/** A client of the swarm. */
export interface Member {
  readonly client: LightClient
  readonly room: number
  readonly sentAtMs: number[]
  /** Only a probe decodes what it gets. */
  readonly sightings: Sightings<Name> | undefined
  frames: number
  /** Of these, all that is not a ping. */
  messages: number
  bytes: number
}

export interface SwarmOptions {
  readonly peer: PeerName
  readonly port: number
  readonly rooms: number
  readonly perRoom: number
  readonly listens: boolean
}

// Enough to tell how a room fares; more would make the generator a second server's worth of work.
const probesPerRoom = 2
const probedRoomsMax = 4
// A swarm that is no storm: nobody waits behind more than these.
const connectingAtOnce = 40

// A cursor of four digits that says which update it is, and one that changes with it.
const firstX = 1_000
const yOf = (number: number): number => 100 + ((number * 37) % 900)

// No two swarms of a run share a room or a client, so that none finds what the one before has left.
let roomsSoFar = 0
let clientsSoFar = 0

/** Connects everybody, room by room in turn, a few at a time. */
export async function connectSwarm(options: SwarmOptions): Promise<Member[]> {
  const { rooms, perRoom } = options
  const peer = await clients[options.peer]()
  const members: Member[] = []
  const total = rooms * perRoom
  const firstRoom = roomsSoFar
  const firstClient = clientsSoFar
  roomsSoFar += rooms
  clientsSoFar += total
  let next = 0
  const connectSome = async (): Promise<void> => {
    while (next < total) {
      const index = next++
      const place = index % rooms
      const isProbe = options.listens && place < probedRoomsMax && index < rooms * probesPerRoom
      members[index] = await connectMember(peer, options, firstRoom + place, firstClient + index, isProbe)
    }
  }
  await Promise.all(Array.from({ length: Math.min(connectingAtOnce, total) }, connectSome))
  return members
}

async function connectMember(
  peer: Peer,
  { port, listens }: SwarmOptions,
  room: number,
  index: number,
  isProbe: boolean,
): Promise<Member> {
  const sightings = isProbe ? new Sightings<Name>() : undefined
  const decode = isProbe ? peer.createDecoder() : undefined
  const counts = { frames: 0, messages: 0, bytes: 0 }
  const client = await peer.connect({
    port,
    room: roomKey(room),
    index,
    listens,
    onFrame(frame) {
      counts.frames++
      if (frame.length > 1) counts.messages++
      counts.bytes += frame.length
      if (!decode || !sightings) return
      const nowMs = performance.now()
      decode(frame, (name, x) => sightings.see(name, x - firstX, nowMs))
    },
  })
  return Object.assign(counts, { client, room, sentAtMs: [], sightings })
}

export function roomKey(room: number): string {
  return `pr:room-${room}`
}

export function put(member: Member, note?: string): void {
  const number = member.sentAtMs.length
  member.sentAtMs.push(performance.now())
  member.client.put(firstX + number, yOf(number), note)
}

/** Lets each of the members move `hz` times a second, evenly spread over the period, until it is told to stop. */
export function move(members: readonly Member[], hz: number, note?: string): () => void {
  const periodMs = 1_000 / hz
  const gapMs = periodMs / members.length
  const startedAtMs = performance.now()
  let done = 0
  let timer: NodeJS.Timeout
  const tick = (): void => {
    const due = Math.floor((performance.now() - startedAtMs) / gapMs)
    // Whoever could not keep up does not send twice as much afterwards.
    done = Math.max(done, due - members.length)
    for (; done < due; done++) {
      const member = members[done % members.length]
      if (member) put(member, note)
    }
    timer = setTimeout(tick, 1)
  }
  tick()
  return () => clearTimeout(timer)
}

/** Lets all of them go. */
export function leave(members: readonly Member[]): void {
  for (const { client } of members) client.close()
}

/** Waits until nobody has got anything for a while. */
export async function quiet(members: readonly Member[], quietMs: number, mostMs: number): Promise<void> {
  const endsAtMs = performance.now() + mostMs
  const count = (): number => members.reduce((sum, { frames }) => sum + frames, 0)
  let before = count()
  let changedAtMs = performance.now()
  while (performance.now() < endsAtMs && performance.now() - changedAtMs < quietMs) {
    await sleep(quietMs / 5)
    const now = count()
    if (now !== before) changedAtMs = performance.now()
    before = now
  }
}
