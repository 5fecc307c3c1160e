import type { MoveGroup, UpdateRow } from './messages.ts'

/** New data of an entry, in the short form: an object, and by how much the number of its newest put has grown. */
export interface Move {
  readonly slot: number
  readonly step: number
  readonly data: Readonly<Record<string, unknown>>
}

/** Whether data may be told as a move: a plain object. `__proto__` is no key that every language may set. */
export function isMovable(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null && !Array.isArray(data) && !Object.hasOwn(data, '__proto__')
}

/** Groups moves by the keys of their data, so that each key is said once, however many have it. */
export function packMoves(moves: Iterable<Move>): MoveGroup[] {
  const groups = new Map<string, [readonly string[], ...unknown[]]>()
  for (const { slot, step, data } of moves) {
    const keys = Object.keys(data)
    const name = JSON.stringify(keys)
    let group = groups.get(name)
    if (!group) {
      group = [keys]
      groups.set(name, group)
    }
    group.push(slot, step)
    for (const key of keys) group.push(data[key])
  }
  return [...groups.values()]
}

/** The moves of a group, in order. The group is as `isMoveGroup` wants it. */
export function unpackMoves([keys, ...cells]: MoveGroup): Move[] {
  const moves: Move[] = []
  for (let at = 0; at < cells.length; at += keys.length + 2) {
    const data: Record<string, unknown> = {}
    for (const [index, key] of keys.entries()) data[key] = cells[at + 2 + index]
    moves.push({ slot: cells[at] as number, step: cells[at + 1] as number, data })
  }
  return moves
}

/** Tells a group from the row of one update, which begins with a slot. */
export function isMoveGroup(row: UpdateRow | MoveGroup): row is MoveGroup {
  return Array.isArray(row[0])
}

/** Checks what came off the wire: keys that may be set, and whole moves. */
export function isWholeGroup([keys, ...cells]: readonly unknown[]): boolean {
  return (
    Array.isArray(keys) &&
    keys.every((key) => typeof key === 'string' && key !== '__proto__') &&
    cells.length % (keys.length + 2) === 0
  )
}
