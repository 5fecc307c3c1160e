'use client'
import { forwardRef, memo, useMemo, type CSSProperties, type HTMLAttributes, type ReactNode } from 'react'
import type { PresenceUser } from '@app/client'
import type { Cursor } from '../cursorList.ts'
import { classes } from '../classes.ts'
import { mergedRef } from '../mergedRef.ts'
import type { CursorMapping, CursorSpace } from '../pointerPosition.ts'
import type { RoomKey } from '../register.ts'
import { useCursors } from '../useCursors.ts'
import { userColor } from '../userColor.ts'

/** What a cursor of your own has to show. */
export interface CursorToDraw {
  readonly clientId: number
  readonly user: PresenceUser | undefined
  /** The user's colour, or one derived from who they are. */
  readonly color: string
  /** A colour in which text can be read on it. */
  readonly textColor: string
}

/** Whose cursors, and how they are shown; any other attribute goes to the element around what it wraps. */
export interface CursorsProps extends HTMLAttributes<HTMLDivElement> {
  /** The room's own key, such as `pr:room-123`. */
  readonly room: RoomKey
  /** Draws a cursor of your own: its hot spot is the corner of what you return. */
  readonly renderCursor?: ((cursor: CursorToDraw) => ReactNode) | undefined
  /** What positions are: fractions of the container's size, or pixels from its corner. Default: `fraction`. */
  readonly space?: CursorSpace | undefined
  /** How positions relate to the container, for a board that pans or zooms; then `space` says nothing. */
  readonly mapping?: CursorMapping | undefined
  /** Whether my own cursor is shown to the others. Default: true. */
  readonly share?: boolean | undefined
}

// What it takes to work without the stylesheet. The layer clips, so that no cursor makes the page scroll.
const containerStyle: CSSProperties = { position: 'relative' }
const layerStyle: CSSProperties = { position: 'absolute', inset: 0, overflow: 'hidden', pointerEvents: 'none' }
const cursorStyle: CSSProperties = { position: 'absolute', top: 0, left: 0, willChange: 'transform' }

/**
 * Everybody's cursors over whatever it wraps. Inside a scrolling area, wrap the content, so that cursors scroll with it.
 * Where layouts differ, give elements a `data-presence-anchor`: a cursor over one is over the same one on every screen.
 */
export const Cursors = forwardRef<HTMLDivElement, CursorsProps>(function Cursors(
  { room, renderCursor = drawCursor, space, mapping, share, className, style, children, ...rest },
  forwardedRef,
) {
  const { bind, ref, cursors } = useCursors(room, { space, mapping, share })
  const containerRef = useMemo(() => mergedRef(ref, forwardedRef), [ref, forwardedRef])
  return (
    <div
      {...bind.with(rest)}
      ref={containerRef}
      className={classes('presence-cursors', className)}
      style={{ ...containerStyle, ...style }}
    >
      {children}
      <div className="presence-cursors-layer" style={layerStyle} aria-hidden="true">
        {cursors.map((cursor) => (
          <Mark key={cursor.clientId} cursor={cursor} render={renderCursor} />
        ))}
      </div>
    </div>
  )
})

const Mark = memo(function Mark({
  cursor: { clientId, user, ref },
  render,
}: {
  readonly cursor: Cursor
  readonly render: (cursor: CursorToDraw) => ReactNode
}) {
  return (
    <div ref={ref} className="presence-cursor" style={cursorStyle} data-client-id={clientId} data-user-id={user?.id}>
      {render({ clientId, user, ...userColor(user, clientId) })}
    </div>
  )
})

function drawCursor({ user, color, textColor }: CursorToDraw): ReactNode {
  return (
    <>
      <svg className="presence-cursor-arrow" width="20" height="22" viewBox="0 0 20 22" style={{ display: 'block' }}>
        <path
          d="M1.5 1.5 6.9 19l3.6-7.1 7.6-2.6z"
          fill={color}
          stroke="#fff"
          strokeWidth="1.5"
          strokeLinejoin="round"
        />
      </svg>
      {user?.name && (
        <span className="presence-cursor-label" style={{ backgroundColor: color, color: textColor }}>
          {user.name}
        </span>
      )}
    </>
  )
}
