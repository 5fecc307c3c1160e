import { isMoveGroup, unpackMoves } from '@app/protocol'
import type {
  DeltaMessage,
  EntryRow,
  GoneReason,
  Message,
  PutRow,
  ServerMessage,
  SnapshotMessage,
  UpdateRow,
} from '@app/protocol'
import { claim } from './broken.ts'
import type { People } from './people.ts'
import type { Puts } from './puts.ts'

/** One entry as the server has told it. */
export interface MirrorRow {
  readonly slot: number
  readonly clientId: number
  readonly n: number
  readonly json: string
  readonly user: string
  readonly expiresAtMs: number
  readonly heldTtlMs: number
  readonly joinedAtMs: number
}

export interface MirrorRoom {
  readonly key: string
  readonly number: number
  version: number
  rows: Map<number, MirrorRow>
  /** Whether every step since a snapshot has been heard; while nobody listens, steps are taken in silence. */
  isSure: boolean
  readonly listeners: Set<object>
}

/** A pause of a busy room, a timer's whole millisecond, and a clock led back by a thousandth of what it waited. */
export const latenessMs = 150

/**
 * What one run of the server has said of its rooms, put together as any client would, and held against what
 * clients have told it: nothing that was not put, nothing that is over, nothing taken away too soon.
 */
export class Mirror {
  readonly rooms = new Map<string, MirrorRoom>()
  readonly #byNumber = new Map<number, MirrorRoom>()
  readonly #people: People
  readonly #puts: Puts
  readonly #nowMs: () => number
  readonly epoch: string

  constructor(epoch: string, people: People, puts: Puts, nowMs: () => number) {
    this.epoch = epoch
    this.#people = people
    this.#puts = puts
    this.#nowMs = nowMs
  }

  joins(link: object, group: string): void {
    this.#byNumber.get(Number(group.split(' ')[1]))?.listeners.add(link)
  }

  leaves(link: object, group?: string): void {
    const number = group === undefined ? undefined : Number(group.split(' ')[1])
    for (const room of this.rooms.values()) {
      if (number !== undefined && room.number !== number) continue
      room.listeners.delete(link)
      if (room.listeners.size === 0) room.isSure = false
    }
  }

  hearsPut(clientId: number, [ref, n, ttlMs, held, data]: PutRow): void {
    const key = typeof ref === 'string' ? ref : this.#byNumber.get(ref)?.key
    if (key !== undefined) this.#puts.receive(clientId, key, n, JSON.stringify(data), ttlMs, held === 1, this.#nowMs())
  }

  /** The server says something to one link. */
  says(link: object, message: Message): void {
    const said = JSON.parse(JSON.stringify(message)) as ServerMessage
    if (said[0] === 's') this.#hearsSnapshot(link, said)
  }

  broadcasts(message: ServerMessage): void {
    const said = JSON.parse(JSON.stringify(message)) as ServerMessage
    if (said[0] === 'd') this.#hearsDelta(said)
  }

  #hearsSnapshot(link: object, [, key, number, epoch, version, rows]: SnapshotMessage): void {
    claim(epoch === this.epoch, 'R2', () => `a snapshot of ${key} names another epoch`)
    const told = new Map(rows.map((row) => [row[0], rowOf(row)]))
    for (const row of told.values()) this.#wasPut(key, row)
    let room = this.rooms.get(key)
    if (!room || room.number !== number) {
      room = { key, number, version, rows: told, isSure: true, listeners: new Set() }
      this.rooms.set(key, room)
      this.#byNumber.set(number, room)
    }
    room.listeners.add(link)
    if (room.isSure) {
      const { rows: known } = room
      claim(room.version === version, 'S1', () => `${key}: a snapshot at ${version} after deltas to ${room.version}`)
      claim(
        known.size === told.size && [...told].every(([slot, row]) => isSameRow(row, known.get(slot))),
        'S1',
        () => `${key}: the snapshot at ${version} is not the sum of the deltas before it`,
      )
    }
    Object.assign(room, { version, rows: told, isSure: true })
  }

  #hearsDelta([, number, from, to, updates, gone = [], joins = [], leases = []]: DeltaMessage): void {
    const room = this.#byNumber.get(number)
    if (!room?.isSure) return
    const { key, rows } = room
    claim(from === room.version && to > from, 'S1', () => `${key}: a delta ${from}–${to} after ${room.version}`)
    room.version = to
    for (const [slot, reason] of gone) {
      const row = rows.get(slot)
      claim(row !== undefined, 'S1', () => `${key}: slot ${slot} goes (${reason}) and was never there`)
      this.#checkEnd(key, row, reason)
      rows.delete(slot)
    }
    for (const row of joins) rows.set(row[0], rowOf(row))
    const known = (slot: number): MirrorRow => {
      const row = rows.get(slot)
      claim(row !== undefined, 'S1', () => `${key}: slot ${slot} is updated and was never there`)
      return row
    }
    const moves = updates.filter(isMoveGroup).flatMap(unpackMoves)
    const updated = updates.filter((row) => !isMoveGroup(row)) as UpdateRow[]
    for (const { slot, step, data } of moves) {
      const row = known(slot)
      rows.set(slot, { ...row, n: row.n + step, json: JSON.stringify(data) })
    }
    for (const [slot, n, data, expiresAtMs] of updated) {
      const lease = expiresAtMs === undefined ? {} : { expiresAtMs, heldTtlMs: 0 }
      rows.set(slot, { ...known(slot), n, json: JSON.stringify(data), ...lease })
    }
    for (const [slot, n, expiresAtMs, heldTtlMs] of leases) {
      const row = rows.get(slot)
      claim(row !== undefined, 'S1', () => `${key}: slot ${slot} is renewed and was never there`)
      rows.set(slot, { ...row, n, expiresAtMs, heldTtlMs })
    }
    const slots = new Set([...joins, ...updated, ...leases].map(([slot]) => slot))
    for (const { slot } of moves) slots.add(slot)
    for (const slot of slots) this.#wasPut(key, rows.get(slot) as MirrorRow)
    const clients = new Set([...rows.values()].map(({ clientId }) => clientId))
    claim(clients.size === rows.size, 'P11', () => `${key}: a client has two entries`)
  }

  #wasPut(key: string, row: MirrorRow): void {
    const problem = this.#puts.whyNot(row, key)
    claim(problem === undefined, 'P1', () => `${key}: client ${row.clientId}: ${problem}`)
  }

  #checkEnd(key: string, row: MirrorRow, reason: GoneReason): void {
    const nowMs = this.#nowMs()
    const say = (what: string) => () => `${key}: client ${row.clientId} ${what}`
    if (reason === 'expired')
      claim(
        this.#puts.isOver(row, key, nowMs),
        'P2',
        say(`expired at ${nowMs}, and its lease goes to ${row.expiresAtMs}`),
      )
    const earlyMs = reason === 'lost' ? this.#people.lostTooEarlyMs(row, nowMs) : 0
    claim(earlyMs === 0, 'L2', say(`was lost ${earlyMs} ms before its lease or its grace ended`))
  }

  /** To be called when the server has had its turn: what it tells must not be over for long. */
  check(): void {
    const nowMs = this.#nowMs() - latenessMs
    for (const room of this.rooms.values()) {
      if (!room.isSure) continue
      for (const row of room.rows.values()) {
        const overAtMs = row.heldTtlMs > 0 ? this.#people.heldUntilMs(row) : row.expiresAtMs
        claim(nowMs <= overAtMs, row.heldTtlMs > 0 ? 'L2' : 'P3', () => {
          return `${room.key}: client ${row.clientId} is a ghost since ${nowMs - overAtMs} ms`
        })
      }
    }
  }
}

function rowOf([slot, clientId, n, data, expiresAtMs, heldTtlMs, joinedAtMs, user]: EntryRow): MirrorRow {
  const texts = { json: JSON.stringify(data), user: JSON.stringify(user ?? null) }
  return { slot, clientId, n, ...texts, expiresAtMs, heldTtlMs, joinedAtMs }
}

/** But for its number: of a put that changes nothing only its sender is told. */
function isSameRow(one: MirrorRow, other: MirrorRow | undefined): boolean {
  const names = (Object.keys(one) as (keyof MirrorRow)[]).filter((name) => name !== 'n')
  return other !== undefined && names.every((name) => one[name] === other[name])
}
