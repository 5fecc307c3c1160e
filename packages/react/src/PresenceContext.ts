'use client'
import { createContext } from 'react'
import type { PresenceClient } from '@app/client'

/** Carries the client from the provider to the hooks; null where there is no provider. */
export const PresenceContext = createContext<PresenceClient | null>(null)
