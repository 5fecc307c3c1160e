/** What a person does with the page: something just now, nothing for a while, or nothing for long. */
export type Activity = 'active' | 'idle' | 'away'

/** When a page last saw its person, both in Unix ms. */
export interface Seen {
  readonly inputAtMs: number
  /** Nobody can look at it since then; null while it is in sight. */
  readonly hiddenAtMs: number | null
}

/** How long without a sign of life until somebody is idle, and away, in ms. */
export interface ActivityTimes {
  readonly idleMs: number
  readonly awayMs: number
}

/** How somebody stands at a moment, and when that changes if nothing is seen of them: `Infinity` for never. */
export function activityAt(
  { inputAtMs, hiddenAtMs }: Seen,
  { idleMs, awayMs }: ActivityTimes,
  nowMs: number,
): { readonly activity: Activity; readonly untilMs: number } {
  // Who looks at another page is idle here at once, and away only after a while: people come and go between pages.
  const idleAtMs = hiddenAtMs ?? inputAtMs + idleMs
  const awayAtMs = inputAtMs + awayMs
  if (nowMs >= awayAtMs) return { activity: 'away', untilMs: Number.POSITIVE_INFINITY }
  if (nowMs >= idleAtMs) return { activity: 'idle', untilMs: awayAtMs }
  return { activity: 'active', untilMs: Math.min(idleAtMs, awayAtMs) }
}
