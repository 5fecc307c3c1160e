import type { Clock } from '@app/client'
import { activityAt, type Activity, type ActivityTimes, type Seen } from './activity.ts'
import { isPageHidden, onActivity } from './page.ts'
import type { Store } from './useStore.ts'

// A pointer that moves tells a hundred times a second what once is enough for.
const noteEveryMs = 500

/** What the page sees of its person, by one clock: all who ask share one set of listeners. */
class ActivityWatch {
  readonly #clock: Clock
  readonly #watchers = new Set<() => void>()
  #seen: Seen = { inputAtMs: 0, hiddenAtMs: null }
  #stopListening = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** While nobody watches, the person is taken to have just come. */
  get seen(): Seen {
    if (this.#watchers.size > 0) return this.#seen
    const nowMs = this.#clock.wallMs()
    return { inputAtMs: nowMs, hiddenAtMs: isPageHidden() ? nowMs : null }
  }

  watch(look: () => void): () => void {
    this.#seen = this.seen
    if (this.#watchers.size === 0) this.#stopListening = onActivity(this.#clock, (isInput) => this.#note(isInput))
    this.#watchers.add(look)
    return () => {
      this.#watchers.delete(look)
      if (this.#watchers.size === 0) this.#stopListening()
    }
  }

  // The system's clock, not the page's: that one may stand still while the machine sleeps.
  #note(isInput: boolean): void {
    const { inputAtMs, hiddenAtMs } = this.#seen
    const nowMs = this.#clock.wallMs()
    const isHidden = isPageHidden()
    const isTurned = isHidden !== (hiddenAtMs !== null)
    if (!isTurned && (!isInput || Math.abs(nowMs - inputAtMs) < noteEveryMs)) return
    this.#seen = {
      inputAtMs: isHidden && isTurned ? inputAtMs : nowMs,
      hiddenAtMs: isHidden ? (hiddenAtMs ?? nowMs) : null,
    }
    for (const look of this.#watchers) look()
  }
}

const watches = new WeakMap<Clock, ActivityWatch>()

/** What the person does, by a clock and times of the caller's. */
export function activityStore(clock: Clock, times: ActivityTimes): Store<Activity> {
  const watch = watches.get(clock) ?? new ActivityWatch(clock)
  watches.set(clock, watch)
  let { activity } = activityAt(watch.seen, times, clock.wallMs())
  return {
    subscribe: (tell) => {
      let cancel = () => {}
      const look = () => {
        cancel()
        const nowMs = clock.wallMs()
        const now = activityAt(watch.seen, times, nowMs)
        // A hidden page's timers come late: each asks the clock anew.
        if (now.untilMs < Infinity) cancel = clock.after(now.untilMs - nowMs, look)
        if (now.activity === activity) return
        activity = now.activity
        tell()
      }
      const stop = watch.watch(look)
      look()
      return () => {
        stop()
        cancel()
      }
    },
    getSnapshot: () => activity,
    getServerSnapshot: () => 'active',
  }
}
