import type { PropsWithChildren, ReactElement } from 'react'
import { act, cleanup } from '@testing-library/react'
import type { PresenceUser } from '@app/client'
import { createPresenceWorld, type PresenceWorld, type WorldClient } from '@app/client/testing'
import { afterEach } from 'vitest'
import { PresenceProvider } from '../PresenceProvider.tsx'

afterEach(cleanup)

/** A world with a client for React and any number of others. For tests of what people see, not of what goes over the wire. */
export interface OpenWorld {
  readonly world: PresenceWorld
  readonly client: WorldClient
  readonly Provider: (props: PropsWithChildren) => ReactElement
  /** Lets time go by; by default enough for news to get about. */
  advance(ms?: number): Promise<void>
}

export function openWorld(user?: PresenceUser): OpenWorld {
  const world = createPresenceWorld()
  const client = world.client({ user })
  return {
    world,
    client,
    Provider: ({ children }) => <PresenceProvider client={client}>{children}</PresenceProvider>,
    advance: (ms) => act(() => world.advance(ms)),
  }
}
