/* oxlint-disable walls/imports -- tests look below the client's public face, to put a server played by hand there. */
import type { PropsWithChildren, ReactElement } from 'react'
import { act, cleanup } from '@testing-library/react'
import { scriptedEdges, type FakeClock, type ScriptedServer } from '@app/testkit'
import { afterEach } from 'vitest'
import type { PresenceClientOptions } from '@app/client'
import { Client } from '../../../client/src/client.ts'
import { PresenceProvider } from '../PresenceProvider.tsx'

afterEach(cleanup)

/** A client with a server played by hand, and what React tests do with both. */
export interface ScriptedClient {
  readonly client: Client
  readonly server: ScriptedServer
  readonly clock: FakeClock
  /** The client's id. */
  readonly me: number
  readonly Provider: (props: PropsWithChildren) => ReactElement
  /** Waits for the connection that the first effects have asked for. */
  connected(): Promise<void>
  /** Loses the connection, and waits until the client is back. */
  reconnect(): Promise<void>
  /** Lets deferred cleanups happen, and the sends that wait for their time. */
  settle(): Promise<void>
  /** The kinds of the messages that the client has sent, without questions for the time. */
  wire(): string[]
}

export function scriptedClient(options: PresenceClientOptions = {}, clientId = 7): ScriptedClient {
  const edges = scriptedEdges(clientId)
  const { server, clock } = edges
  const client = new Client(options, edges)
  const connected = () => act(() => server.connected())
  return {
    client,
    server,
    clock,
    me: clientId,
    Provider: ({ children }) => <PresenceProvider client={client}>{children}</PresenceProvider>,
    connected,
    reconnect: async () => {
      act(() => server.drop())
      act(() => clock.advance(0))
      await connected()
    },
    settle: () =>
      act(async () => {
        await Promise.resolve()
        clock.advance(100)
      }),
    wire: () => server.received.map(([event]) => event).filter((event) => event !== 't'),
  }
}
