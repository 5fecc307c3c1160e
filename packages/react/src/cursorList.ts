import type { PresenceEntries, PresenceUser } from '@app/client'
import { isSameJson } from './isSameJson.ts'
import { isSameList } from './isSameList.ts'
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
    cursors.push(was && isSameJson(was.user, user) ? was : cursor)
  }
  return isSameList(cursors, before) ? before : cursors
}
