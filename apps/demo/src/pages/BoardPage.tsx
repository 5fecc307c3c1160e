import { AvatarStack, Cursors, usePresence, userColor } from '@app/react'
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type FocusEvent,
  type PointerEvent,
} from 'react'
import { BoardTools } from '../components/BoardTools.tsx'
import { Note, notes, type NoteId } from '../components/Note.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { roomOfPage } from '../page.ts'
import { fitting, mappingOf, panned, zoomed, type Camera } from '../world.ts'

/** Where somebody has put a note, and when, by the server's clock. */
interface Move {
  readonly x: number
  readonly y: number
  readonly atMs: number
}

/** What I do on the board: while I am here, it is so for everyone. */
interface AtBoard {
  readonly picked?: NoteId | null
  readonly moves?: Partial<Record<NoteId, Move>>
}

// On a telephone one begins in the middle.
const readableZoom = 0.42
// So far from the edge.
const revealPx = 24
const firstCamera: Camera = { x: 0, y: 0, zoom: 1 }

/** A board that everyone pans and zooms as they like; a cursor is over the same note for all of them. */
export function BoardPage({ roomKey, isHere }: { readonly roomKey: string; readonly isHere: boolean }) {
  const room = roomOfPage('board', roomKey)
  const { online, self, update } = usePresence<AtBoard>(room, { data: {} })
  const [camera, setCamera] = useState(firstCamera)
  const mapping = useMemo(() => mappingOf(camera), [camera])
  const board = useRef<HTMLDivElement>(null)
  const grabbed = useRef<number | null>(null)

  const fit = useCallback((leastZoom?: number) => {
    const { clientWidth: width = 0, clientHeight: height = 0 } = board.current ?? {}
    setCamera(fitting({ width, height }, leastZoom))
  }, [])
  useLayoutEffect(() => fit(readableZoom), [fit])
  useEffect(() => {
    const element = board.current
    if (!element) return
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      const box = element.getBoundingClientRect()
      const point = { x: event.clientX - box.left, y: event.clientY - box.top }
      // A trackpad's pinch comes with the control key.
      if (event.ctrlKey || event.metaKey) setCamera((now) => zoomed(now, Math.exp(-event.deltaY / 200), point))
      else setCamera((now) => panned(now, -event.deltaX, -event.deltaY))
    }
    // React's own would be passive, and the page would scroll as well.
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  }, [])

  // Who walks over the notes by keyboard is shown the one they are at.
  const onFocus = ({ currentTarget, target }: FocusEvent<HTMLDivElement>) => {
    if (!target.matches('.note:focus-visible')) return
    const [view, note] = [currentTarget.getBoundingClientRect(), target.getBoundingClientRect()]
    const inside = (from: number, to: number, low: number, high: number) =>
      from < low ? low - from + revealPx : to > high ? high - to - revealPx : 0
    const byX = inside(note.left, note.right, view.left, view.right)
    const byY = inside(note.top, note.bottom, view.top, view.bottom)
    if (byX !== 0 || byY !== 0) setCamera((now) => panned(now, byX, byY))
  }

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.isPrimary || event.button !== 0 || (event.target as Element).closest('.note')) return
    event.currentTarget.setPointerCapture(event.pointerId)
    grabbed.current = event.pointerId
  }
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (grabbed.current === event.pointerId) setCamera((now) => panned(now, event.movementX, event.movementY))
  }
  const release = () => (grabbed.current = null)

  const client = self?.clientId
  const place = (id: NoteId) => {
    const moves = online.map(({ data }) => data?.moves?.[id]).filter(isMove)
    return moves.reduce<Move | null>((last, move) => (last && last.atMs >= move.atMs ? last : move), null)
  }
  const change = (next: (before: AtBoard) => AtBoard) => update((before = {}) => next(before))

  return (
    <div className="board-page">
      <PageHead title="Pan, zoom, point" aside={<AvatarStack room={room} data-testid="faces" />}>
        Everyone looks at another part of it, and sees each pointer over the same note. Drag a note or move it with the
        arrow keys; it stays where you put it while you are here.
      </PageHead>
      <div className="board-frame">
        <Cursors
          ref={board}
          room={room}
          share={isHere}
          mapping={mapping}
          className="board canvas"
          data-testid="board"
          onFocus={onFocus}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={release}
          onPointerCancel={release}
        >
          <div
            className="canvas-world"
            style={{ transform: `translate(${camera.x}px, ${camera.y}px) scale(${camera.zoom})` }}
          >
            {notes.map((note) => {
              const at = place(note.id) ?? note
              return (
                <Note
                  key={note.id}
                  note={note}
                  x={at.x}
                  y={at.y}
                  zoom={camera.zoom}
                  isPicked={self?.data?.picked === note.id}
                  pickedBy={online
                    .filter(({ data }) => data?.picked === note.id)
                    .map(({ user, clientId }) => ({
                      name: clientId === client ? 'You' : (user?.name ?? 'A guest'),
                      ...userColor(user, clientId),
                    }))}
                  onPick={() => change((before) => ({ ...before, picked: before.picked === note.id ? null : note.id }))}
                  onMove={(x, y, atMs) =>
                    change((before) => ({ ...before, moves: { ...before.moves, [note.id]: { x, y, atMs } } }))
                  }
                />
              )
            })}
          </div>
        </Cursors>
        <BoardTools
          zoom={camera.zoom}
          onFit={() => fit()}
          onPan={(x, y) => setCamera((now) => panned(now, x, y))}
          onZoom={(factor) => {
            const { clientWidth = 0, clientHeight = 0 } = board.current ?? {}
            setCamera((now) => zoomed(now, factor, { x: clientWidth / 2, y: clientHeight / 2 }))
          }}
        />
      </div>
    </div>
  )
}

/** A peer may have put anything. */
function isMove(move: Move | undefined): move is Move {
  return Number.isFinite(move?.x) && Number.isFinite(move?.y) && Number.isFinite(move?.atMs)
}
