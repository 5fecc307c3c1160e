'use client'
import type { ReactElement, ReactNode } from 'react'
import type { DefinedRooms, PresenceClient, PresenceClientOptions } from '@app/client'
import { InitialContext, type InitialPresence } from './InitialContext.ts'
import { InvisibleContext } from './InvisibleContext.ts'
import { PresenceContext } from './PresenceContext.ts'
import type { RoomsProp } from './register.ts'
import { RoomsContext } from './RoomsContext.ts'
import { useOwnClient } from './useOwnClient.ts'

/** Either a client of yours, or what to make one of; and, where rooms are registered, what they hold. */
export type PresenceProviderProps = RoomsProp & ClientProps & PageProps

/** What the provider is told of the page it is on. */
interface PageProps {
  /**
   * Who is in which room, as the server knows it that renders the page: `{ 'pr:room-1': server.snapshot('pr:room-1') }`. The
   * first HTML shows them, and so do the hooks until the browser has heard of the room. Pass the browser the same.
   */
  readonly initial?: InitialPresence | undefined
  /**
   * I only watch: whatever the hooks and components below would show of me (presence, cursor, typing) is taken away, and is
   * there again once it is false, but for heartbeats, which end. Default: false.
   */
  readonly invisible?: boolean | undefined
}

/** What to make a client of, which the provider also closes; or a client of yours. */
type ClientProps =
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
 * Throws `bad-options` or `bad-user` during render.
 */
export function PresenceProvider(props: PresenceProviderProps): ReactElement {
  // What is registered is known only where this is used.
  const {
    client,
    rooms,
    initial,
    invisible = false,
    children,
    ...options
  } = props as ClientProps & PageProps & { readonly rooms?: DefinedRooms }
  const own = useOwnClient(client ? null : options)
  return (
    <PresenceContext.Provider value={client ?? own}>
      <RoomsContext.Provider value={rooms ?? null}>
        <InitialContext.Provider value={initial ?? null}>
          <InvisibleContext.Provider value={invisible}>{children}</InvisibleContext.Provider>
        </InitialContext.Provider>
      </RoomsContext.Provider>
    </PresenceContext.Provider>
  )
}
