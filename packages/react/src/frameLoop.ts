/** A loop that sleeps while nothing moves. */
export interface FrameLoop {
  /** Draws in the next frame, however often it is asked before. */
  wake(): void
  stop(): void
}

/** Calls `draw` once a frame for as long as it returns that there is more to draw. */
export function frameLoop(draw: () => boolean): FrameLoop {
  let frame: number | null = null
  const run = () => {
    frame = null
    if (draw()) wake()
  }
  const wake = () => {
    frame ??= requestAnimationFrame(run)
  }
  return {
    wake,
    stop: () => {
      if (frame !== null) cancelAnimationFrame(frame)
      frame = null
    },
  }
}
