/** A room as `GET /v1/rooms` tells of it. */
export interface RoomSummary {
  readonly key: string
  readonly tenant?: string
  readonly users: number
  readonly clients: number
  readonly listeners: number
}

export const partNames = ['cursors', 'typing'] as const
export type PartName = (typeof partNames)[number]

/** A room with how many clients have a cursor and are typing in it. */
export interface RoomRow extends RoomSummary {
  readonly parts: Readonly<Partial<Record<PartName, number>>>
}

/**
 * Cursors and typing are in rooms of their own, which belong to the room that they are of: of each family there is one row.
 * If the room itself is not on the page its parts stand for it, with nobody in it.
 */
export function foldParts(rooms: readonly RoomSummary[]): readonly RoomRow[] {
  const rows = new Map<string, RoomRow>()
  for (const room of rooms) {
    const [, base, part] = /^(pr:.+)\/(cursors|typing)$/.exec(room.key) ?? []
    const key = base ?? room.key
    const id = JSON.stringify([key, room.tenant])
    const { parts } = rows.get(id) ?? { parts: {} }
    if (part === undefined) rows.set(id, { ...room, parts })
    else {
      const row = rows.get(id) ?? { ...room, key, users: 0, clients: 0, listeners: 0 }
      rows.set(id, { ...row, parts: { ...parts, [part]: room.clients } })
    }
  }
  return [...rows.values()]
}
