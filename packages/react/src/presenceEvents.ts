/** A user who is here, or has gone and may come back unnoticed. */
interface Known<U> {
  readonly user: U
  /** When their absence is one; null while they are here. */
  readonly goneAtMs: number | null
  /** They went where nobody could see it, so it is not told. */
  readonly isQuiet: boolean
}

/** Who is known to be in a room, and whether its list can be trusted; null before it ever could be. */
export type Crowd<U> = { readonly isLive: boolean; readonly known: ReadonlyMap<string, Known<U>> } | null

/** What is to be told, and what to know at the next look. */
export interface Events<U> {
  readonly crowd: Crowd<U>
  readonly left: readonly U[]
  readonly joined: readonly U[]
  /** When to look again, though nothing changes; `Infinity` for never. */
  readonly dueAtMs: number
}

// After a restart everybody comes back within this, by the windows that a server names.
const returnMs = 30_000

/**
 * Who has come and who has gone for good, from who is here now; an absence shorter than `minAbsenceMs` is none. What was
 * there when the list became live, at first or again, is no news, nor is what is gone by then: after a restart the list is
 * empty, and everybody comes back.
 */
export function presenceEvents<U extends { readonly userId: string; readonly isMe: boolean }>(
  before: Crowd<U>,
  users: readonly U[],
  { isLive, nowMs, minAbsenceMs }: { readonly isLive: boolean; readonly nowMs: number; readonly minAbsenceMs: number },
): Events<U> {
  const joined: U[] = []
  const left: U[] = []
  const known = new Map<string, Known<U>>()
  let dueAtMs = Number.POSITIVE_INFINITY
  if (!isLive) return { crowd: before && { ...before, isLive }, left, joined, dueAtMs }
  const wasLive = before?.isLive === true
  const hasGone = (was: Known<U>) => was.goneAtMs !== null && was.goneAtMs <= nowMs
  for (const user of users) {
    const was = before?.known.get(user.userId)
    if (wasLive && !user.isMe && (!was || hasGone(was))) joined.push(user)
    known.set(user.userId, { user, goneAtMs: null, isQuiet: false })
  }
  for (const [userId, was] of before?.known ?? []) {
    const isHere = known.has(userId)
    // Back at once after a reconnect, though late: nobody saw when.
    if (isHere && !(wasLive && hasGone(was))) continue
    const goneAtMs = was.goneAtMs ?? nowMs + (wasLive ? minAbsenceMs : Math.max(minAbsenceMs, returnMs))
    const isQuiet = was.isQuiet || was.user.isMe || (!wasLive && was.goneAtMs === null)
    if (goneAtMs > nowMs) {
      known.set(userId, { user: was.user, goneAtMs, isQuiet })
      dueAtMs = Math.min(dueAtMs, goneAtMs)
    } else if (!isQuiet) left.push(was.user)
  }
  return { crowd: { isLive, known }, left, joined, dueAtMs }
}
