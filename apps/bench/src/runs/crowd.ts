import { clients } from '../peers/clients.ts'
import type { PeerName } from '../peers/names.ts'
import type { LightClient, Name, Peer } from '../peers/peer.ts'
import { roomKey } from '../swarm.ts'

/** A client of which every frame is kept, to be decoded once all is over. */
export interface Newcomer {
  readonly room: number
  readonly client: LightClient
  readonly frames: readonly { readonly frame: Buffer; readonly atMs: number }[]
}

export interface Door {
  readonly peer: PeerName
  readonly port: number
  readonly rooms: number
  readonly onClose?: (index: number) => void
}

export async function enter({ peer, port, rooms, onClose }: Door, index: number): Promise<Newcomer> {
  const frames: { frame: Buffer; atMs: number }[] = []
  const room = index % rooms
  const client = await (
    await clients[peer]()
  ).connect({
    port,
    room: roomKey(room),
    index,
    listens: true,
    onFrame: (frame) => void frames.push({ frame, atMs: performance.now() }),
    onClose: onClose && (() => onClose(index)),
  })
  client.put(1_000, 100)
  return { room, client, frames }
}

/** When each saw all the others of its room; `Infinity` for those who never did. */
export async function wholeAtMs(peer: PeerName, crowd: readonly Newcomer[]): Promise<number[]> {
  const speaker = await clients[peer]()
  const namesOf = new Map<number, Set<Name>>()
  for (const { room, client } of crowd) namesOf.set(room, (namesOf.get(room) ?? new Set()).add(client.name))
  return crowd.map((newcomer) => wholeAt(speaker, newcomer, namesOf.get(newcomer.room) ?? new Set()))
}

function wholeAt(peer: Peer, { client, frames }: Newcomer, names: ReadonlySet<Name>): number {
  const missing = new Set(names)
  missing.delete(client.name)
  const decode = peer.createDecoder()
  for (const { frame, atMs } of frames) {
    decode(frame, (name) => missing.delete(name))
    if (missing.size === 0) return atMs
  }
  return Infinity
}

/** Waits until none of the crowd has got anything for a while. */
export async function stillness(crowd: () => readonly Newcomer[], quietMs: number, mostMs: number): Promise<void> {
  const endsAtMs = performance.now() + mostMs
  const newest = (): number => crowd().reduce((latest, { frames }) => Math.max(latest, frames.at(-1)?.atMs ?? 0), 0)
  while (performance.now() < endsAtMs && performance.now() - newest() < quietMs)
    await new Promise((resolve) => setTimeout(resolve, quietMs / 5))
}
