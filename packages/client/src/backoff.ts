// The server names the window in its hello; before that, this one (R5).
export const defaultWindowMs = 500
const longestMs = 30_000

/**
 * How long to wait before an attempt to reconnect: uniform in [0, min(30 s, window × 2^attempt)], from the first
 * attempt on (R5), so that a thousand clients of a restarted server do not come at the same instant.
 */
export function reconnectDelayMs(attempt: number, windowMs: number, random: number): number {
  const longest = attempt === 0 ? windowMs : Math.min(longestMs, windowMs * 2 ** attempt)
  return random * longest
}
