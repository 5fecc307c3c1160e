// Peers may learn of a later deadline this late, if the old one leaves time for it.
const renewalDelayMaxMs = 1_000

/** When a changed room is to be flushed: at once if it was quiet, else once the pause after its last flush is over. */
export function flushAtMs(nowMs: number, flushedAtMs: number, flushMs: number): number {
  return Math.max(nowMs, flushedAtMs + flushMs)
}

/**
 * When news that must come before a deadline is to be told: with the next flush, or, when the pause would end too late,
 * half way to the deadline.
 */
export function flushBeforeMs(nowMs: number, deadlineMs: number, flushedAtMs: number, flushMs: number): number {
  const atMs = flushAtMs(nowMs, flushedAtMs, flushMs)
  return atMs < deadlineMs ? atMs : nowMs + Math.floor(Math.max(0, deadlineMs - nowMs) / 2)
}

/** When a renewed lease is to be told: late enough to gather many, and before either deadline. */
export function renewalFlushAtMs(
  nowMs: number,
  earlierDeadlineMs: number,
  flushedAtMs: number,
  flushMs: number,
): number {
  const delayMs = Math.min(renewalDelayMaxMs, Math.max(0, earlierDeadlineMs - nowMs) / 2)
  return flushBeforeMs(nowMs + Math.floor(delayMs), earlierDeadlineMs, flushedAtMs, flushMs)
}
