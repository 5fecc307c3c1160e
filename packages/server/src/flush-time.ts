// Peers may learn of a later deadline this late, if the old one leaves time for it.
const renewalDelayMaxMs = 1_000

/** When a changed room is to be flushed: at once if it was quiet, else once the pause after its last flush is over. */
export function flushAtMs(nowMs: number, flushedAtMs: number, flushMs: number): number {
  return Math.max(nowMs, flushedAtMs + flushMs)
}

/** When a renewed lease is to be told: late enough to gather many, and before either deadline. */
export function renewalFlushAtMs(
  nowMs: number,
  earlierDeadlineMs: number,
  flushedAtMs: number,
  flushMs: number,
): number {
  const delayMs = Math.min(renewalDelayMaxMs, Math.max(0, earlierDeadlineMs - nowMs) / 2)
  return flushAtMs(nowMs + Math.floor(delayMs), flushedAtMs, flushMs)
}
