// A room in React: who is here, their cursors, and who is typing. In an application, import the styles too:
// import '@app/react/styles.css'
import { Cursors, PresenceProvider, TypingIndicator, usePresence, useTyping } from '@app/react'

interface RoomProps {
  /** Such as `pr:atelier`. */
  readonly room: string
}

function Room({ room }: RoomProps) {
  const { users, count, status, update } = usePresence<{ mood: string }>(room, { data: { mood: 'curious' } })
  const { inputProps } = useTyping(room)
  return (
    <Cursors room={room} style={{ height: '100vh' }}>
      <h1>{status === 'live' ? `${count} here` : 'One moment …'}</h1>
      <ul>
        {users.map(({ userId, user, entries, isMe }) => (
          <li key={userId}>
            {user?.name ?? 'A guest'} is {entries[0]?.data.mood}
            {isMe && <button onClick={() => update({ mood: 'happy' })}>Cheer up</button>}
          </li>
        ))}
      </ul>
      <textarea {...inputProps} aria-label="Message" />
      <TypingIndicator room={room} />
    </Cursors>
  )
}

export interface AppProps extends RoomProps {
  readonly url: string
  readonly name: string
}

export function App({ url, name, room }: AppProps) {
  return (
    <PresenceProvider url={url} user={{ id: name.toLowerCase(), name }}>
      <Room room={room} />
    </PresenceProvider>
  )
}
