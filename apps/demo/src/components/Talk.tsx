import type { PresenceEntry } from '@app/client'
import { TypingIndicator, usePresence, useTyping } from '@app/react'
import { useState, type FormEvent } from 'react'
import { Avatar } from './Avatar.tsx'
import { Lease } from './Lease.tsx'

interface Said {
  readonly text: string
  /** The same words twice are two messages. */
  readonly n: number
}

// Long enough to be read, short enough to show that a message is presence, too: it ends by itself.
const saidMs = 30_000

/** A message is a heartbeat of thirty seconds: everyone's last one is here, and nothing is kept anywhere. */
export function Talk({ roomKey }: { readonly roomKey: string }) {
  const { online, heartbeat } = usePresence<Said>(`${roomKey}/said`)
  const { inputProps } = useTyping(roomKey)
  const [text, setText] = useState('')

  const say = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() === '') return
    heartbeat({ text: text.trim(), n: Date.now() }, saidMs)
    setText('')
  }

  // Who said something last is at the end.
  const said = online.filter(isSaid).sort((one, other) => one.expiresAtMs - other.expiresAtMs)
  return (
    <section className="card talk" aria-labelledby="talk-title">
      <h2 id="talk-title">Said just now</h2>
      {said.length === 0 ? (
        <p className="muted">Nothing yet. Words stay for thirty seconds, then they are gone.</p>
      ) : (
        <ol className="messages" data-testid="messages">
          {said.map((entry) => (
            <Message key={entry.clientId} entry={entry} />
          ))}
        </ol>
      )}
      <form onSubmit={say}>
        <TypingIndicator room={roomKey} data-testid="typing" />
        <div className="composer">
          <input
            {...inputProps}
            value={text}
            maxLength={200}
            onChange={(event) => setText(event.currentTarget.value)}
            placeholder="Say something"
            aria-label="Say something to everyone here"
            autoComplete="off"
            data-testid="message-input"
          />
          <button type="submit" className="button primary" disabled={text.trim() === ''} data-testid="send">
            Say
          </button>
        </div>
      </form>
    </section>
  )
}

function Message({ entry }: { readonly entry: PresenceEntry<Said> }) {
  const { user, clientId, data } = entry
  return (
    <li className="message" data-testid="message" data-name={user?.name}>
      <Avatar user={user} clientId={clientId} />
      <span className="bubble">
        <strong>{user?.name ?? 'A guest'}</strong> {data.text}
      </span>
      <Lease entries={[entry]} fullMs={saidMs} />
    </li>
  )
}

/** Another version of the page may have said something else. */
function isSaid({ data }: PresenceEntry<Said>): boolean {
  return typeof (data as Partial<Said> | null)?.text === 'string'
}
