import type { Settings } from './scale.ts'

/** A timer, a message, and a turn of a busy machine on top of what a promise follows from. */
const marginMs = 1_000

// The longest that a client waits before it tries again (R5).
const backoffMaxMs = 30_000

// How often a store that fails is tried.
const storeRetryMs = 1_000

/**
 * The bound of each promise in docs/truth.md, in milliseconds; for those that count something, how often. The numbers on
 * that page are these, for the defaults.
 */
export const bounds = {
  'expiry-late': () => marginMs,
  'gone-closed': () => marginMs,
  'gone-killed': ({ ttlMs, graceMs }) => Math.min(ttlMs, graceMs) + marginMs,
  'gone-silent': ({ ttlMs }) => ttlMs + marginMs,
  // Beside what the server stood still, which is told in the test.
  'trouble-ghost': ({ ttlMs }) => ttlMs + marginMs,
  'trouble-absence': () => marginMs,
  'trouble-return': () => backoffMaxMs + marginMs,
  // By the next turn, as far as the disk is quick.
  'crash-left': () => marginMs,
  'crash-data': ({ persistMs }) => persistMs + marginMs,
  'crash-ghost': ({ ttlMs }) => ttlMs + marginMs,
  'store-heals': () => storeRetryMs + marginMs,
} satisfies Record<string, (settings: Settings) => number>

export type PromiseName = keyof typeof bounds
