import { useFrameWords } from '../frame.ts'
import { ConnectionPill } from './ConnectionPill.tsx'
import { InviteButton } from './InviteButton.tsx'

export function Header({ room }: { readonly room: string }) {
  const words = useFrameWords()
  return (
    <header className="header">
      <h1 className="brand">
        <svg viewBox="0 0 32 24" width="28" height="21" aria-hidden="true">
          <circle cx="12" cy="12" r="9" fill="#4f46e5" />
          <circle cx="22" cy="12" r="7.5" fill="#f59e0b" stroke="var(--page)" strokeWidth="2" />
        </svg>
        Presence
      </h1>
      <p className="room-name">
        <span className="muted">{words.room}</span>{' '}
        <strong data-testid="room-name" dir="auto">
          {room}
        </strong>
      </p>
      <ConnectionPill />
      <InviteButton room={room} />
    </header>
  )
}
