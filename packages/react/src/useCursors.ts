'use client'
import { useContext, useEffect, useMemo, type PointerEvent } from 'react'
import { composable, type Composable } from './composable.ts'
import { anchoredPosition } from './cursorAnchors.ts'
import { CursorLayer } from './CursorLayer.ts'
import type { Cursor, LiveCursor } from './cursorList.ts'
import { CursorSender } from './CursorSender.ts'
import { InvisibleContext } from './InvisibleContext.ts'
import { mappings, pointIn, rounded, sizeOf, type CursorMapping, type CursorSpace } from './pointerPosition.ts'
import type { RoomKey } from './register.ts'
import { roomOf } from './roomOf.ts'
import { useIsomorphicLayoutEffect } from './useIsomorphicLayoutEffect.ts'
import { usePresenceClient } from './usePresenceClient.ts'
import { useStore, type Store } from './useStore.ts'

/** What `useCursors` may be told. */
export interface CursorsOptions {
  /** Gives every cursor its `x` and `y`, and renders with every frame in which one moved. Default: false. */
  readonly live?: boolean | undefined
  /** What positions are: fractions of the container's size, or pixels from its corner. Default: `fraction`. */
  readonly space?: CursorSpace | undefined
  /** How positions relate to the container, for a board that pans or zooms; then `space` says nothing. */
  readonly mapping?: CursorMapping | undefined
  /** Whether my own cursor is shown to the others. Default: true. */
  readonly share?: boolean | undefined
}

/** What follows the pointer over the container. */
export interface CursorHandlers {
  onPointerDown(event: PointerEvent<HTMLElement>): void
  onPointerMove(event: PointerEvent<HTMLElement>): void
  onPointerLeave(event: PointerEvent<HTMLElement>): void
  onPointerCancel(event: PointerEvent<HTMLElement>): void
}

/** What `useCursors` gives. */
export interface CursorsResult<C extends Cursor = Cursor> {
  /** For the container: `{...bind}`, or `{...bind.with({ onPointerMove })}` with handlers of your own. */
  readonly bind: Composable<CursorHandlers>
  /** For the container, which positions are relative to. */
  readonly ref: (element: HTMLElement | null) => void
  /** The others' cursors, also those of my other tabs. The same list while nobody comes, goes or changes user. */
  readonly cursors: readonly C[]
}

/**
 * Live cursors over an element. Give each of `cursors` an element with its `ref`, placed at the container's corner:
 * it is moved in one frame loop and costs no render. `room` is the room's own key; cursors live under a derived one.
 * Over an element with `data-presence-anchor` a position is relative to it, and shown over the peers' element of that name.
 * Throws `bad-key` during render.
 */
export function useCursors(room: RoomKey, options: CursorsOptions & { readonly live: true }): CursorsResult<LiveCursor>
export function useCursors(room: RoomKey, options?: CursorsOptions): CursorsResult
export function useCursors(
  room: RoomKey,
  { live = false, space = 'fraction', mapping = mappings[space], share = true }: CursorsOptions = {},
): CursorsResult {
  const client = usePresenceClient()
  const { layer, sender, bind } = useMemo(() => {
    const entries = roomOf(client, room, 'cursors')
    const [layer, sender] = [new CursorLayer(entries, client.clientId), new CursorSender(client, entries)]
    return { layer, sender, bind: composable(handlers(layer, sender)) }
  }, [client, room])

  useIsomorphicLayoutEffect(() => {
    layer.marks.map(mapping)
  }, [layer, mapping])
  const isInvisible = useContext(InvisibleContext)
  const isShared = share && !isInvisible
  useEffect(() => (isShared ? sender.watch() : undefined), [sender, isShared])

  const store: Store<readonly Cursor[]> = live ? layer.liveCursors : layer.cursors
  return { bind, ref: layer.marks.setContainer, cursors: useStore(store) }
}

function handlers(layer: CursorLayer, sender: CursorSender): CursorHandlers {
  const move = ({ currentTarget, target, pointerType, isPrimary, clientX, clientY }: PointerEvent<HTMLElement>) => {
    // Of several fingers the first; and not what React lets bubble here out of a portal that lies elsewhere.
    if ((pointerType === 'touch' && !isPrimary) || !currentTarget.contains(target as Node)) return
    const anchored = anchoredPosition(currentTarget, target as Element, clientX, clientY)
    if (anchored) return sender.move(anchored)
    const point = pointIn(currentTarget, clientX, clientY)
    sender.move(rounded(layer.marks.mapping.toLocal(point, sizeOf(currentTarget))))
  }
  return {
    onPointerDown: move,
    onPointerMove: move,
    onPointerLeave: ({ pointerType }) => (pointerType === 'touch' ? sender.endSoon() : sender.end()),
    onPointerCancel: sender.end,
  }
}
