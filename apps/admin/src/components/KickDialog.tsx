import { useEffect, useRef, useState, type FormEvent } from 'react'
import type { Api } from '../api.ts'

/** Whom one may kick. */
export interface Kickable {
  readonly clientId: number
  readonly name: string
}

interface KickDialogProps {
  readonly api: Api
  readonly room: string
  readonly tenant: string | undefined
  readonly entry: Kickable
  /** With a sentence of what was done. */
  readonly onKicked: (sentence: string) => void
  readonly onClose: () => void
}

const bans: readonly (readonly [ms: number, words: string])[] = [
  [0, 'at once'],
  [60_000, 'after 1 minute'],
  [600_000, 'after 10 minutes'],
  [3_600_000, 'after 1 hour'],
  [86_400_000, 'after 1 day'],
]

/** Asks before it is done, and for how long the client is kept away. */
export function KickDialog({ api, room, tenant, entry: { clientId, name }, onKicked, onClose }: KickDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [banMs, setBanMs] = useState(60_000)
  const [fault, setFault] = useState('')
  const [isAsking, setAsking] = useState(false)
  const isWritten = clientId < 0
  const verb = isWritten ? 'Remove' : 'Kick'

  useEffect(() => dialog.current?.showModal(), [])

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (isAsking) return
    setAsking(true)
    setFault('')
    try {
      await api.kick(room, clientId, { tenant, banMs })
      // It gives the focus back, which is nobody's while a dialog is open but what is in it.
      dialog.current?.close()
      const until = bans.find(([ms]) => ms === banMs)?.[1] ?? ''
      onKicked(
        isWritten ? `${name} was removed.` : `${name} (client ${clientId}) was kicked and may come back ${until}.`,
      )
    } catch (error) {
      setFault((error as Error).message)
      setAsking(false)
    }
  }

  return (
    <dialog ref={dialog} className="card dialog" aria-labelledby="kick-title" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="kick-title">
          {verb} {name}?
        </h2>
        <p className="muted">
          {isWritten ? 'The entry is taken out of' : `Client ${clientId} is taken out of`} <code>{room}</code>
          {isWritten ? '.' : ', with its cursor and its typing, and told so.'}
        </p>
        {!isWritten && (
          <label className="ban">
            It may come back
            <select className="field" value={banMs} onChange={(event) => setBanMs(Number(event.target.value))}>
              {bans.map(([ms, words]) => (
                <option key={ms} value={ms}>
                  {words}
                </option>
              ))}
            </select>
          </label>
        )}
        <p role="alert" className="fault">
          {fault}
        </p>
        <div className="buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" className="button danger" aria-disabled={isAsking}>
            {verb}
          </button>
        </div>
      </form>
    </dialog>
  )
}
