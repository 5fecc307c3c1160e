import { PresenceProvider } from '@app/react'
import { Room } from './components/Room.tsx'
import type { Visit } from './visit.ts'

/** The page connects to where it came from; a server in open mode believes who the visitor says they are. */
export function App({ visit }: { readonly visit: Visit }) {
  return (
    <PresenceProvider user={visit.user}>
      <Room visit={visit} />
    </PresenceProvider>
  )
}
