'use client'
import { useContext, useMemo } from 'react'
import { systemClock } from '@app/client'
import type { Activity } from './activity.ts'
import { activityStore } from './ActivityWatch.ts'
import { PresenceContext } from './PresenceContext.ts'
import { useStore } from './useStore.ts'

/** When one is called idle. */
export interface IdleOptions {
  /** How long without a sign of life until I am idle, in ms. Default: 60 000. */
  readonly idleMs?: number | undefined
  /** And until I am away, in ms. Default: 300 000. */
  readonly awayMs?: number | undefined
}

/**
 * Whether I am `active`, `idle` or `away`, by pointer, keys, touch, typing and whether the page is in sight; a page that is
 * not is idle at once. To tell the others: `usePresence(room, { data, status: useIdle() })`. On the server I am active. It needs no provider.
 */
export function useIdle({ idleMs = 60_000, awayMs = 300_000 }: IdleOptions = {}): Activity {
  const { clock } = useContext(PresenceContext) ?? { clock: systemClock }
  return useStore(useMemo(() => activityStore(clock, { idleMs, awayMs }), [clock, idleMs, awayMs]))
}
