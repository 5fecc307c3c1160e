import { defaults, type Settings } from './scale.ts'

/** A timer, a message, and a turn of a busy machine on top of what a promise follows from. */
const marginMs = 1_000

// The longest that a client waits before it tries again (R5).
const backoffMaxMs = 30_000

/** The window in which clients come back at first (R5); the hello names it. */
const windowMs = ({ graceMs }: Settings, clients = 1): number => Math.min(graceMs / 3, Math.max(500, clients * 5))

// A browser lets the timers of a hidden page run once a second.
const hiddenTimerMs = 1_000

// The engine of Socket.IO asks each half of the shortest held lease and waits 0.4 of it (L2).
const lostMs = ({ heldTtlMinMs }: Settings): number => 0.9 * heldTtlMinMs

// A page says nothing of a lease, so it has that of the program in either size; it may be over before the connection is
// known to be lost and the grace has passed.
const pageLeaseMs = (settings: Settings): number => Math.min(defaults.ttlMs, lostMs(settings) + settings.graceMs)

// How often a store that fails is tried.
const storeRetryMs = 1_000

/** How many are in trouble at once in the long tests. */
export const troubledClients = 500

/**
 * The bound of each promise in docs/truth.md, in milliseconds; for those that count something, how often. The numbers on
 * that page are these, for the defaults.
 */
export const bounds = {
  'back-healed': () => backoffMaxMs + marginMs,
  'back-lost': (settings) => windowMs(settings) + marginMs,
  'back-restarted': (settings) => windowMs(settings) + 2 * marginMs,
  'clock-off': () => 250,
  'crash-data': ({ persistMs }) => persistMs + marginMs,
  'crash-ghost': ({ ttlMs }) => ttlMs + marginMs,
  // By the next turn, as far as the disk is quick.
  'crash-left': () => marginMs,
  'expiry-late': () => marginMs,
  'gone-closed': () => marginMs,
  'gone-killed': ({ ttlMs, graceMs }) => Math.min(ttlMs, graceMs) + marginMs,
  'gone-silent': ({ ttlMs }) => ttlMs + marginMs,
  'leave-owed': () => marginMs,
  'silent-return': () => 0,
  'store-heals': () => storeRetryMs + marginMs,
  'tab-crashed': ({ graceMs }) => Math.min(defaults.ttlMs, graceMs) + marginMs,
  'tab-hidden': () => 0,
  'tab-hidden-news': () => marginMs,
  'tab-kept': () => marginMs,
  'tab-offline-shown': (settings) => lostMs(settings) + marginMs,
  'tab-refused': ({ graceMs }) => Math.min(defaults.ttlMs, graceMs) + marginMs,
  'tab-restart': () => backoffMaxMs + marginMs,
  'tab-resume-missing': () => 0,
  'tab-return': () => backoffMaxMs + marginMs,
  'tab-return-told': (settings) => windowMs(settings) + marginMs,
  'tab-silent': (settings) => pageLeaseMs(settings) + marginMs,
  'tab-wake': (settings) => hiddenTimerMs + windowMs(settings) + marginMs,
  // Whoever comes back waits their turn while a whole crowd does, which is spread over its window.
  'trouble-absence': (settings) => windowMs(settings, troubledClients) + marginMs,
  'trouble-ghost': ({ ttlMs }) => ttlMs + marginMs,
  'trouble-left': () => 2 * marginMs,
  'trouble-return': () => backoffMaxMs + marginMs,
} satisfies Record<string, (settings: Settings) => number>

export type PromiseName = keyof typeof bounds
