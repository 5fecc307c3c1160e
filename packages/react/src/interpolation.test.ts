import { expect, test } from 'vitest'
import { glideTo, isMoving, pointAt, resting, type Glide } from './interpolation.ts'

const at = (x: number) => ({ x, y: 0 })

/** A cursor that was told a new position every `everyMs`, ten times, moving by 1 each time. */
function inRhythm(everyMs: number): { glide: Glide; nowMs: number } {
  let glide = resting(at(0), 0)
  for (let i = 1; i <= 10; i++) glide = glideTo(glide, at(i), i * everyMs)
  return { glide, nowMs: 10 * everyMs }
}

test('a cursor that rests is where it was told to be', () => {
  expect(pointAt(resting(at(3), 0), 1_000)).toEqual(at(3))
  expect(isMoving(resting(at(3), 0), 0)).toBe(false)
})

test('a glide takes about as long as updates are apart, so it arrives when the next one comes', () => {
  for (const everyMs of [33, 50, 100, 200]) {
    const { glide, nowMs } = inRhythm(everyMs)
    expect(glide.durationMs).toBeGreaterThan(everyMs * 0.9)
    expect(glide.durationMs).toBeLessThan(everyMs * 1.15)
    expect(pointAt(glide, nowMs + glide.durationMs / 2).x).toBeCloseTo((glide.from.x + 10) / 2)
    expect(pointAt(glide, nowMs + glide.durationMs)).toEqual(at(10))
    expect(isMoving(glide, nowMs + glide.durationMs - 1)).toBe(true)
    expect(isMoving(glide, nowMs + glide.durationMs)).toBe(false)
  }
})

test('an update that comes early goes on from where the cursor is seen, without a jump', () => {
  const { glide, nowMs } = inRhythm(50)
  const seen = pointAt(glide, nowMs + 20)
  const next = glideTo(glide, at(0), nowMs + 20)
  expect(pointAt(next, nowMs + 20)).toEqual(seen)
})

test('a rest is not a rhythm: the first move after it is as quick as those before it', () => {
  const { glide, nowMs } = inRhythm(33)
  expect(glideTo(glide, at(20), nowMs + 60_000).durationMs).toBe(glide.durationMs)
})

test('with reduced motion a cursor jumps', () => {
  const { glide, nowMs } = inRhythm(50)
  const jumped = glideTo(glide, at(99), nowMs + 50, true)
  expect(pointAt(jumped, nowMs + 50)).toEqual(at(99))
  expect(isMoving(jumped, nowMs + 50)).toBe(false)
})

test('a frame that began before the update came does not run backwards', () => {
  const glide = glideTo(resting(at(0), 0), at(10), 100)
  expect(pointAt(glide, 95)).toEqual(at(0))
})
