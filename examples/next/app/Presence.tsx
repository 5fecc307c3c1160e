'use client'
// Schemas cannot travel from the server to the browser, so the provider gets them here, where both load them.
import type { ReactNode } from 'react'
import { PresenceProvider, type InitialPresence } from '@app/react'
import type { PresenceUser } from '@app/client'
import { rooms } from '../rooms.ts'

interface PresenceProps {
  readonly url: string
  readonly user: PresenceUser
  /** Who is there already, for the first HTML. */
  readonly initial: InitialPresence
  readonly children: ReactNode
}

export function Presence(props: PresenceProps) {
  return <PresenceProvider {...props} rooms={rooms} />
}
