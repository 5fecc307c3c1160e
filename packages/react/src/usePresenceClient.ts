'use client'
import { useContext } from 'react'
import type { PresenceClient } from '@app/client'
import { PresenceContext } from './PresenceContext.ts'

/** The client of the nearest `<PresenceProvider>`. Throws where there is none. */
export function usePresenceClient(): PresenceClient {
  const client = useContext(PresenceContext)
  if (client) return client
  throw new Error(
    'A presence hook or component was used outside of <PresenceProvider>, so it has no client. Wrap what uses presence in one.',
  )
}
