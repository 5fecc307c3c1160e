import type { PresenceEntry } from '@app/client'
import { AvatarStack, TypingIndicator, usePresence, usePresenceClient, useTyping } from '@app/react'
import { useState, type FormEvent } from 'react'
import { Avatar } from '../components/Avatar.tsx'
import { PageHead } from '../components/PageHead.tsx'
import { roomOfPage } from '../page.ts'

interface Said {
  readonly text: string
  readonly saidAtMs: number
}

/**
 * Everyone's last words are their presence: there while they are, and gone with them. What is to be kept belongs into a
 * database; who is typing into this one does not.
 */
export function ChatPage({ roomKey }: { readonly roomKey: string }) {
  const room = roomOfPage('chat', roomKey)
  const client = usePresenceClient()
  const { online, update } = usePresence<Said | null>(room, { data: null })
  const { inputProps } = useTyping(room)
  const [text, setText] = useState('')

  const say = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() === '') return
    update({ text: text.trim(), saidAtMs: client.now() })
    setText('')
  }

  const said = online.filter(isSaid).sort((one, other) => one.data.saidAtMs - other.data.saidAtMs)
  const silent = online.length - said.length
  return (
    <div className="column">
      <PageHead title="Last words" aside={<AvatarStack room={room} data-testid="faces" />}>
        Everyone’s last words. They are presence, and go with who said them.
      </PageHead>
      <section className="card chat" aria-label="What was said">
        {said.length === 0 ? (
          <div className="chat-empty">
            <p>Nobody has said anything yet.</p>
            <p className="muted">{silent > 1 ? `${silent} are listening.` : 'Only you are listening.'}</p>
          </div>
        ) : (
          // One may scroll it without a mouse, too.
          <ol className="chat-list" tabIndex={0} aria-label="Last words" data-testid="chat">
            {said.map((entry) => (
              <Line key={entry.clientId} entry={entry} isMine={entry.clientId === client.clientId} />
            ))}
          </ol>
        )}
        <form onSubmit={say}>
          <TypingIndicator room={room} data-testid="typing" />
          <div className="composer">
            <input
              {...inputProps}
              value={text}
              maxLength={200}
              onChange={(event) => setText(event.currentTarget.value)}
              placeholder="Say something"
              aria-label="Say something to everyone on this page"
              autoComplete="off"
              data-testid="message-input"
            />
            <button type="submit" className="button primary" disabled={text.trim() === ''} data-testid="send">
              Say
            </button>
          </div>
        </form>
      </section>
    </div>
  )
}

function Line({ entry: { user, clientId, data }, isMine }: { readonly entry: PresenceEntry<Said>; isMine: boolean }) {
  return (
    <li className="line" data-testid="message" data-name={user?.name} data-mine={isMine || undefined}>
      <Avatar user={user} clientId={clientId} />
      <span className="bubble">
        <strong>
          <bdi>{user?.name ?? 'A guest'}</bdi>
        </strong>{' '}
        <bdi>{data.text}</bdi>
      </span>
      <time className="muted" dateTime={new Date(data.saidAtMs).toISOString()}>
        {clock.format(data.saidAtMs)}
      </time>
    </li>
  )
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

/** Another version of the page may have said something else. */
function isSaid(entry: PresenceEntry<Said | null>): entry is PresenceEntry<Said> {
  const { text, saidAtMs } = (entry.data ?? {}) as Partial<Said>
  // What a date cannot hold would throw.
  return typeof text === 'string' && typeof saidAtMs === 'number' && Math.abs(saidAtMs) < 8e15
}
