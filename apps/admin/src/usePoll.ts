import { useEffect, useState } from 'react'

/** What was told last, and why not since, if so. */
export interface Poll<T> {
  readonly value?: T
  readonly error?: unknown
}

/**
 * Asks at once, and again `everyMs` after each answer; while nobody looks at the page it rests. Another `load` is asked at
 * once; until it answers the page shows what the one before said.
 */
export function usePoll<T>(load: (signal: AbortSignal) => Promise<T>, everyMs: number): Poll<T> {
  const [poll, setPoll] = useState<Poll<T>>({})
  useEffect(() => {
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let isResting = false
    const turn = async () => {
      isResting = document.hidden
      if (isResting) return
      const next = await load(stop.signal).then(
        (value) => () => ({ value }),
        (error: unknown) => (before: Poll<T>) => ({ ...before, error }),
      )
      if (stop.signal.aborted) return
      setPoll(next)
      timer = setTimeout(() => void turn(), everyMs)
    }
    const wake = () => {
      if (isResting && !document.hidden) void turn()
    }
    document.addEventListener('visibilitychange', wake)
    void turn()
    return () => {
      stop.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', wake)
    }
  }, [load, everyMs])
  return poll
}
