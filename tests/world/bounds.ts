import type { Settings } from './scale.ts'

/** A timer, a message, and a turn of a busy machine on top of what a promise follows from. */
const marginMs = 1_000

// The longest that a client waits before it tries again (R5).
const backoffMaxMs = 30_000

/** How many are in trouble at once in the long tests. */
export const troubledClients = 500
/** The window in which a few clients come back (R5); the hello names it. */
const windowMs = ({ graceMs }: Settings): number => Math.min(500, graceMs / 3)
// How often a store that fails is tried.
const storeRetryMs = 1_000

/**
 * The bound of each promise in docs/truth.md, in milliseconds; for those that count something, how often. The numbers on
 * that page are these, for the defaults.
 */
export const bounds = {
  'back-lost': (settings) => windowMs(settings) + marginMs,
  'back-healed': () => backoffMaxMs + marginMs,
  'back-restarted': (settings) => windowMs(settings) + 2_000,
  'clock-off': () => 250,
  'expiry-late': () => marginMs,
  'gone-closed': () => marginMs,
  'gone-killed': ({ ttlMs, graceMs }) => Math.min(ttlMs, graceMs) + marginMs,
  'gone-silent': ({ ttlMs }) => ttlMs + marginMs,
  'leave-owed': () => marginMs,
  'silent-return': () => 0,
  'trouble-ghost': ({ ttlMs }) => ttlMs + marginMs,
  // Whoever comes back waits their turn while a whole crowd does, which is spread over the window that R5 names.
  'trouble-absence': ({ graceMs }) => Math.min(graceMs / 3, Math.max(500, troubledClients * 5)) + marginMs,
  'trouble-return': () => backoffMaxMs + marginMs,
  // By the next turn, as far as the disk is quick.
  'crash-left': () => marginMs,
  'crash-data': ({ persistMs }) => persistMs + marginMs,
  'crash-ghost': ({ ttlMs }) => ttlMs + marginMs,
  'store-heals': () => storeRetryMs + marginMs,
} satisfies Record<string, (settings: Settings) => number>

export type PromiseName = keyof typeof bounds
