'use client'
import { createContext } from 'react'
import type { PresenceEntry } from '@app/client'

/** Who is in which room, as the server knew it when it made the page: what `server.snapshot(room)` gave, by rooms. */
export type InitialPresence = Readonly<Record<string, readonly PresenceEntry[]>>

/** Carries it from the provider to the hooks; null where it was given none. */
export const InitialContext = createContext<InitialPresence | null>(null)
