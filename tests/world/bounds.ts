import { defaults, type Settings } from './scale.ts'

/** A timer, a message, and a turn of a busy machine on top of what a promise follows from. */
const marginMs = 1_000

// The longest that a client waits before it tries again (R5).
const backoffMaxMs = 30_000

// The window of a first attempt to come back, on a server with few clients (R5).
const firstWindowMs = 500

// A browser lets the timers of a hidden page run once a second.
const hiddenTimerMs = 1_000

// The engine of Socket.IO asks each half of the shortest held lease and waits 0.4 of it (L2).
const lostMs = ({ heldTtlMinMs }: Settings) => 0.9 * heldTtlMinMs

// A page says nothing of a lease, so it has that of the program in either size; it may be over before the connection is
// known to be lost and the grace has passed.
const pageLeaseMs = (settings: Settings) => Math.min(defaults.ttlMs, lostMs(settings) + settings.graceMs)

/**
 * The bound of each promise in docs/truth.md, in milliseconds; for those that count something, how often. The numbers on
 * that page are these, for the defaults.
 */
export const bounds = {
  'expiry-late': () => marginMs,
  'gone-closed': () => marginMs,
  'gone-killed': ({ ttlMs, graceMs }) => Math.min(ttlMs, graceMs) + marginMs,
  'gone-silent': ({ ttlMs }) => ttlMs + marginMs,
  'tab-crashed': ({ graceMs }) => Math.min(defaults.ttlMs, graceMs) + marginMs,
  'tab-hidden': () => 0,
  'tab-hidden-news': () => marginMs,
  'tab-kept': () => marginMs,
  'tab-offline-shown': (settings) => lostMs(settings) + marginMs,
  'tab-restart': () => backoffMaxMs + marginMs,
  'tab-resume-missing': () => 0,
  'tab-return': () => backoffMaxMs + marginMs,
  'tab-return-told': () => firstWindowMs + marginMs,
  'tab-silent': (settings) => pageLeaseMs(settings) + marginMs,
  'tab-wake': () => hiddenTimerMs + firstWindowMs + marginMs,
  // Beside what the server stood still, which is told in the test.
  'trouble-ghost': ({ ttlMs }) => ttlMs + marginMs,
  'trouble-absence': () => marginMs,
  'trouble-return': () => backoffMaxMs + marginMs,
} satisfies Record<string, (settings: Settings) => number>

export type PromiseName = keyof typeof bounds
