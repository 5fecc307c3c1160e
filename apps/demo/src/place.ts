import type { Page } from './page.ts'

/** What everyone knows of me in the room. */
export interface Place {
  readonly status: Status
  /** The page of the tour that I look at. */
  readonly page?: Page
  /** Put by one heartbeat, which nobody renews. */
  readonly isOnce?: boolean
}

export type Status = keyof typeof statusWords

export const statusWords = { available: 'Available', busy: 'Busy', away: 'Away' } as const
