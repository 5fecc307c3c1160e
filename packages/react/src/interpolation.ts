import type { Point, Position } from './pointerPosition.ts'

// Longer than this between two updates is a rest, not a rhythm.
const restMs = 500
// Before a rhythm is known: two updates of a client that sends as often as it may.
const firstIntervalMs = 66
// How much one interval changes the rhythm; less follows too late, more trembles with the network.
const weight = 0.3

/** A cursor on its way from where it was seen to where it was last told to be. */
export interface Glide {
  readonly from: Point
  readonly to: Position
  readonly startMs: number
  readonly durationMs: number
  /** The measured time between two updates, smoothed. */
  readonly intervalMs: number
}

/** A cursor that stands still. */
export function resting(at: Position, nowMs: number): Glide {
  return { from: at, to: at, startMs: nowMs, durationMs: 0, intervalMs: firstIntervalMs }
}

/**
 * Sends a cursor on to its next position. It takes as long as updates are apart, so it arrives when the next one
 * comes; `isInstant` jumps.
 */
export function glideTo(glide: Glide, to: Position, nowMs: number, isInstant = false): Glide {
  const sinceMs = nowMs - glide.startMs
  const intervalMs = sinceMs > restMs ? glide.intervalMs : glide.intervalMs + weight * (sinceMs - glide.intervalMs)
  return {
    from: isInstant ? to : pointAt(glide, nowMs),
    to,
    startMs: nowMs,
    durationMs: isInstant ? 0 : intervalMs,
    intervalMs,
  }
}

/** Where the cursor is seen at a moment. */
export function pointAt({ from, to, startMs, durationMs }: Glide, nowMs: number): Position {
  const passed = durationMs > 0 ? Math.max(0, (nowMs - startMs) / durationMs) : 1
  if (passed >= 1) return to
  return { ...to, x: from.x + (to.x - from.x) * passed, y: from.y + (to.y - from.y) * passed }
}

export function isMoving({ startMs, durationMs }: Glide, nowMs: number): boolean {
  return nowMs < startMs + durationMs
}
