import { useEffect } from 'react'
import { isUnauthorized, type Api } from '../api.ts'
import { useRoute } from '../useRoute.ts'
import { useVitals } from '../useVitals.ts'
import { Brand } from './Brand.tsx'
import { Charts } from './Charts.tsx'
import { Health } from './Health.tsx'
import { Room } from './Room.tsx'
import { Rooms } from './Rooms.tsx'

interface DeskProps {
  readonly api: Api
  readonly onLogOut: (why?: string) => void
}

/** The page of somebody who is logged in. */
export function Desk({ api, onLogOut }: DeskProps) {
  const route = useRoute()
  const vitals = useVitals(api)
  const isRefused = isUnauthorized(vitals.error)

  useEffect(() => {
    if (isRefused) onLogOut('The server has another admin token by now. Log in again.')
  }, [isRefused, onLogOut])

  const title = route.page === 'room' ? `${route.key} · Presence admin` : 'Presence admin'
  useEffect(() => {
    document.title = title
  }, [title])

  return (
    <div className="page">
      <header className="header">
        <a className="home" href="#/">
          <Brand />
        </a>
        <p className="header-name muted">admin</p>
        <Health vitals={vitals} />
        <button type="button" className="button" onClick={() => onLogOut()}>
          Log out
        </button>
      </header>
      <main>
        {route.page === 'room' ? (
          <Room key={location.hash} api={api} room={route.key} tenant={route.tenant} />
        ) : (
          <>
            <Charts samples={vitals.value?.samples ?? []} />
            <Rooms api={api} />
          </>
        )}
      </main>
    </div>
  )
}
