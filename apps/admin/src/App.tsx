import { useCallback, useMemo, useState } from 'react'
import { createApi } from './api.ts'
import { Desk } from './components/Desk.tsx'
import { LogIn } from './components/LogIn.tsx'

// For as long as the tab is open; in no address, and in no other tab.
const stored = 'presence-admin-token'

export function App() {
  const [token, setToken] = useState(() => sessionStorage.getItem(stored))
  const [why, setWhy] = useState('')
  const api = useMemo(() => (token === null ? null : createApi(token)), [token])

  const logIn = (next: string) => {
    sessionStorage.setItem(stored, next)
    setWhy('')
    setToken(next)
  }
  const logOut = useCallback((sentence = '') => {
    sessionStorage.removeItem(stored)
    setWhy(sentence)
    setToken(null)
  }, [])

  return api ? <Desk api={api} onLogOut={logOut} /> : <LogIn why={why} onLogIn={logIn} />
}
