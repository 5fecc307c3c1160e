import { useState, type FormEvent } from 'react'
import { createApi } from '../api.ts'
import { Brand } from './Brand.tsx'

interface LogInProps {
  /** Why one has to log in again; empty where there is nothing to say. */
  readonly why: string
  readonly onLogIn: (token: string) => void
}

export function LogIn({ why, onLogIn }: LogInProps) {
  const [token, setToken] = useState('')
  const [fault, setFault] = useState(why)
  const [isAsking, setAsking] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const said = token.trim()
    if (said === '' || isAsking) return setFault(said === '' ? 'Enter the admin token of the server.' : fault)
    setAsking(true)
    setFault('')
    try {
      await createApi(said).rooms({ limit: '1' })
      onLogIn(said)
    } catch (error) {
      setFault(`${(error as Error).message} Nobody is logged in.`)
      setAsking(false)
    }
  }

  return (
    <main className="log-in">
      {/* The fragment stays: whoever logs in comes to the room that was asked for. */}
      <form className="card" onSubmit={(event) => void submit(event)} noValidate>
        <Brand />
        <h1>Log in to administer</h1>
        <label htmlFor="token">Admin token</label>
        <input
          id="token"
          type="password"
          autoComplete="off"
          autoFocus
          spellCheck={false}
          value={token}
          aria-describedby="token-hint token-fault"
          aria-invalid={fault !== ''}
          onChange={(event) => setToken(event.target.value)}
        />
        <p id="token-hint" className="hint">
          What the server was started with as <code>PRESENCE_ADMIN_TOKEN</code>. This tab forgets it when it is closed.
        </p>
        <p id="token-fault" role="alert" className="fault">
          {fault}
        </p>
        <button type="submit" className="button primary" aria-disabled={isAsking}>
          {isAsking ? 'Asking the server…' : 'Log in'}
        </button>
      </form>
    </main>
  )
}
