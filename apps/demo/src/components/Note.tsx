import { usePresenceClient, type UserColor } from '@app/react'
import { useRef, type KeyboardEvent, type PointerEvent } from 'react'
import { world } from '../world.ts'

/** The notes, where they are when nobody has moved them: in units of the board. */
export const notes = [
  { id: 'tide', text: 'Three waves, and a sun that cannot decide', tone: 'sea', x: 120, y: 130 },
  { id: 'orchard', text: 'An orchard from above, or twelve lamps?', tone: 'leaf', x: 640, y: 90 },
  { id: 'signal', text: 'The signal comes from the corner', tone: 'rose', x: 1_170, y: 150 },
  { id: 'lamps', text: 'Buy the lamps before they are needed', tone: 'sun', x: 220, y: 590 },
  { id: 'cards', text: 'Forty words on a card, no more', tone: 'sand', x: 700, y: 540 },
  { id: 'doors', text: 'The doors open on the first Saturday', tone: 'sky', x: 1_180, y: 620 },
] as const

type NoteOf = (typeof notes)[number]
export type NoteId = NoteOf['id']

const stepUnits = 20
const size = { width: 300, height: 230 }
// A hand that clicks is never quite still.
const dragPx = 4

const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-stepUnits, 0],
  ArrowRight: [stepUnits, 0],
  ArrowUp: [0, -stepUnits],
  ArrowDown: [0, stepUnits],
}

interface NoteProps {
  readonly note: NoteOf
  readonly x: number
  readonly y: number
  readonly zoom: number
  readonly isPicked: boolean
  readonly pickedBy: readonly (UserColor & { readonly name: string })[]
  readonly onPick: () => void
  readonly onMove: (x: number, y: number, atMs: number) => void
}

/** A note: a click picks it, dragging and the arrow keys move it. */
export function Note({ note, x, y, zoom, isPicked, pickedBy, onPick, onMove }: NoteProps) {
  const client = usePresenceClient()
  const drag = useRef<{ readonly id: number; readonly fromX: number; readonly fromY: number } | null>(null)
  const hasMoved = useRef(false)

  const moveTo = (toX: number, toY: number) => {
    const within = (value: number, most: number) => Math.round(Math.min(most, Math.max(0, value)))
    onMove(within(toX, world.width - size.width), within(toY, world.height - size.height), client.now())
  }
  const onPointerDown = (event: PointerEvent<HTMLButtonElement>) => {
    if (!event.isPrimary || event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    drag.current = { id: event.pointerId, fromX: event.clientX / zoom - x, fromY: event.clientY / zoom - y }
    hasMoved.current = false
  }
  const onPointerMove = (event: PointerEvent<HTMLButtonElement>) => {
    if (drag.current?.id !== event.pointerId) return
    const [toX, toY] = [event.clientX / zoom - drag.current.fromX, event.clientY / zoom - drag.current.fromY]
    if (!hasMoved.current && Math.hypot(toX - x, toY - y) * zoom < dragPx) return
    hasMoved.current = true
    moveTo(toX, toY)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key]
    if (!step) return
    event.preventDefault()
    moveTo(x + step[0], y + step[1])
  }

  const [first] = pickedBy
  return (
    <button
      type="button"
      className="note"
      data-tone={note.tone}
      data-testid={`note-${note.id}`}
      data-picked={pickedBy.length > 0 || undefined}
      aria-pressed={isPicked}
      aria-keyshortcuts="ArrowLeft ArrowRight ArrowUp ArrowDown"
      style={{ ...size, transform: `translate(${x}px, ${y}px)`, ...(first && { outlineColor: first.color }) }}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => (drag.current = null)}
      onPointerCancel={() => (drag.current = null)}
      onKeyDown={onKeyDown}
      onClick={() => {
        if (!hasMoved.current) onPick()
        hasMoved.current = false
      }}
    >
      <span>{note.text}</span>
      {first && (
        <span className="note-tag" style={{ backgroundColor: first.color, color: first.textColor }}>
          <bdi>{first.name}</bdi>
          {pickedBy.length > 1 && ` +${pickedBy.length - 1}`}
        </span>
      )}
    </button>
  )
}
