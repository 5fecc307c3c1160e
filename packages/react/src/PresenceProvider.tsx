'use client'
import type { ReactElement, ReactNode } from 'react'
import type { PresenceClient, PresenceClientOptions } from '@app/client'
import { PresenceContext } from './PresenceContext.ts'
import { useOwnClient } from './useOwnClient.ts'

/** Either a client of yours, or what to make one of. */
export type PresenceProviderProps =
  | (PresenceClientOptions & { readonly client?: undefined; readonly children?: ReactNode })
  | {
      /** A client that you made; you also close it. */
      readonly client: PresenceClient
      readonly url?: undefined
      readonly token?: undefined
      readonly user?: undefined
      readonly autoConnect?: undefined
      readonly children?: ReactNode
    }

/**
 * Gives presence to everything below it: `<PresenceProvider url="https://presence.example.com">`, or with a client of
 * your own `<PresenceProvider client={client}>`. Nothing connects before a room is entered, and never during render.
 */
export function PresenceProvider({ client, children, ...options }: PresenceProviderProps): ReactElement {
  const own = useOwnClient(client ? null : options)
  return <PresenceContext.Provider value={client ?? own}>{children}</PresenceContext.Provider>
}
