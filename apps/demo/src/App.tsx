import { PresenceProvider } from '@app/react'
import { useMemo, useState } from 'react'
import { Tour } from './components/Tour.tsx'
import type { Visit } from './visit.ts'

/** The page connects to where it came from; a server in open mode believes who the visitor says they are. */
export function App({ visit }: { readonly visit: Visit }) {
  const [color, setColor] = useState(visit.user.color)
  // Another colour is another user to the provider: it logs in anew on the same connection.
  const user = useMemo(() => ({ ...visit.user, color }), [visit, color])
  return (
    <PresenceProvider user={user}>
      <Tour visit={{ ...visit, user }} onColor={setColor} />
    </PresenceProvider>
  )
}
