import { activityAt, type Activity, type ActivityTimes, type Seen } from './activity.ts'
import { isPageHidden, onActivity } from './page.ts'
import type { Store } from './useStore.ts'

// A pointer that moves tells a hundred times a second what once is enough for.
const noteEveryMs = 500
// setTimeout cannot wait longer.
const timerMaxMs = 2_147_483_647

let seen: Seen = { inputAtMs: 0, hiddenAtMs: null }
const watchers = new Set<() => void>()
let stopListening = () => {}

// The system's clock, not the page's: that one may stand still while the machine sleeps.
const note = (isInput: boolean) => {
  const nowMs = Date.now()
  const isHidden = isPageHidden()
  const isTurned = isHidden !== (seen.hiddenAtMs !== null)
  if (!isTurned && (!isInput || Math.abs(nowMs - seen.inputAtMs) < noteEveryMs)) return
  seen = {
    inputAtMs: isHidden && isTurned ? seen.inputAtMs : nowMs,
    hiddenAtMs: isHidden ? (seen.hiddenAtMs ?? nowMs) : null,
  }
  for (const look of watchers) look()
}

/** Whoever is the first to watch is taken to have just come. */
function watch(look: () => void): () => void {
  if (watchers.size === 0) {
    const nowMs = Date.now()
    seen = { inputAtMs: nowMs, hiddenAtMs: isPageHidden() ? nowMs : null }
    stopListening = onActivity(note)
  }
  watchers.add(look)
  return () => {
    watchers.delete(look)
    if (watchers.size === 0) stopListening()
  }
}

/** What the person does, by times of the caller's; all who ask share one set of listeners. */
export function activityStore(times: ActivityTimes): Store<Activity> {
  // A page that nobody has seen yet is idle.
  const unseen = isPageHidden() ? 'idle' : 'active'
  let activity: Activity = watchers.size > 0 ? activityAt(seen, times, Date.now()).activity : unseen
  return {
    subscribe: (tell) => {
      let timer: ReturnType<typeof setTimeout> | undefined
      const look = () => {
        clearTimeout(timer)
        const nowMs = Date.now()
        const now = activityAt(seen, times, nowMs)
        // A hidden page's timers come late: each asks the clock anew.
        const waitMs = Math.min(now.untilMs - nowMs, timerMaxMs)
        if (now.untilMs < Infinity) timer = setTimeout(look, waitMs)
        if (now.activity === activity) return
        activity = now.activity
        tell()
      }
      const stop = watch(look)
      look()
      return () => {
        stop()
        clearTimeout(timer)
      }
    },
    getSnapshot: () => activity,
    getServerSnapshot: () => 'active',
  }
}
