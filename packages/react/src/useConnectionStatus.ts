'use client'
import { useMemo } from 'react'
import type { ClientStatus } from '@app/client'
import { usePresenceClient } from './usePresenceClient.ts'
import { useStore, type Store } from './useStore.ts'

/**
 * How the connection stands: `idle` until the first room is entered, then `connecting`, `connected`, `reconnecting`
 * after it was lost; `closed`; `refused` when the server will not have this client. On the server it is `idle`.
 */
export function useConnectionStatus(): ClientStatus {
  const client = usePresenceClient()
  const store = useMemo(
    (): Store<ClientStatus> => ({
      subscribe: (listener) => client.onStatus(listener),
      getSnapshot: () => client.status,
      getServerSnapshot: () => 'idle',
    }),
    [client],
  )
  return useStore(store)
}
