'use client'
import { createContext } from 'react'
import type { DefinedRooms } from '@app/client'

/** Carries the schemas of rooms from the provider to the hooks; null where it was given none. */
export const RoomsContext = createContext<DefinedRooms | null>(null)
