import { Cursors } from '@app/react'
import { EmptyRoom } from './EmptyRoom.tsx'
import { Prints } from './Prints.tsx'

interface BoardProps {
  readonly room: string
  readonly roomKey: string
  readonly name: string
  readonly isAlone: boolean
  readonly isHere: boolean
}

/** The shared surface. Everything on it keeps its proportions, so that on every screen a cursor is over the same thing. */
export function Board({ room, roomKey, name, isAlone, isHere }: BoardProps) {
  return (
    <Cursors room={roomKey} share={isHere} className="board" data-testid="board">
      <div className="board-head">
        <h2>Which one?</h2>
        <p className="muted">Point at it. Everyone in {room} sees your pointer move.</p>
      </div>
      <Prints />
      {isAlone && <EmptyRoom room={room} name={name} />}
    </Cursors>
  )
}
