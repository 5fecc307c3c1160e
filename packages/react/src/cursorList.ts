import type { PresenceEntries, PresenceUser } from '@app/client'
import { parsePosition } from './pointerPosition.ts'

/** The cursor of another client. */
export interface Cursor {
  readonly clientId: number
  readonly user?: PresenceUser
  /** For the element that shows the cursor; it is moved by its `style.transform`. Stable. */
  readonly ref: (element: HTMLElement | SVGElement | null) => void
}

/**
 * A cursor with the position that the last frame showed: fractions of the container, unless a mapping says otherwise; with
 * `anchor`, fractions of the element that has this `data-presence-anchor`.
 */
export interface LiveCursor extends Cursor {
  readonly x: number
  readonly y: number
  readonly anchor?: string
}

/** Everybody's cursors but mine. The same list, or the same cursors in it, as long as nobody is another. */
export function cursorList(
  entries: PresenceEntries,
  mine: number,
  before: readonly Cursor[],
  refOf: (clientId: number) => Cursor['ref'],
): readonly Cursor[] {
  const known = new Map(before.map((cursor) => [cursor.clientId, cursor]))
  const cursors: Cursor[] = []
  for (const { clientId, data, user } of entries.values()) {
    if (clientId === mine || !parsePosition(data)) continue
    const was = known.get(clientId)
    const cursor = { clientId, ref: was?.ref ?? refOf(clientId), ...(user && { user }) }
    cursors.push(was && isSameUser(was.user, user) ? was : cursor)
  }
  const isSame = cursors.length === before.length && cursors.every((cursor, i) => cursor === before[i])
  return isSame ? before : cursors
}

/** A user comes over the wire again and again: not the object counts, but what it says. */
export function isSameUser(one: PresenceUser | undefined, other: PresenceUser | undefined): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
