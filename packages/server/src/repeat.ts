import type { Clock } from '@app/protocol'

/** Calls `run` again and again, with a pause between; returns a way to stop it. */
export function repeat(clock: Clock, pauseMs: number, run: () => void): () => void {
  let cancel = clock.after(pauseMs, again)
  function again(): void {
    run()
    cancel = clock.after(pauseMs, again)
  }
  return () => cancel()
}
