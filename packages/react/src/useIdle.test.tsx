import { act, fireEvent, renderHook } from '@testing-library/react'
import { StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { countCommits } from './testing/commits.tsx'
import { useIdle } from './useIdle.ts'

let isHidden = false

beforeEach(() => {
  vi.useFakeTimers()
  isHidden = false
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => isHidden)
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

function open(options?: Parameters<typeof useIdle>[0]) {
  const counter = countCommits()
  const view = renderHook(() => useIdle(options), {
    wrapper: ({ children }) => <StrictMode>{counter.frame(children)}</StrictMode>,
  })
  counter.commits = 0
  return { ...view, counter, says: () => view.result.current }
}

const pass = (ms: number) => act(() => void vi.advanceTimersByTime(ms))
const turn = (toHidden: boolean) => {
  isHidden = toHidden
  fireEvent(document, new Event('visibilitychange'))
}

test('I am active, idle after a minute, away after five, and active again with the next sign; a commit for each', () => {
  const { says, counter } = open()
  pass(59_999)
  expect(says()).toBe('active')
  pass(1)
  expect(says()).toBe('idle')
  pass(240_000)
  expect(says()).toBe('away')
  fireEvent.pointerMove(document.body)
  expect(says()).toBe('active')
  expect(counter.commits).toBe(3)
})

test.each(['pointerMove', 'pointerDown', 'keyDown', 'touchStart', 'touchMove', 'wheel', 'input'] as const)(
  '%s is a sign of life, also where somebody stops it',
  (event) => {
    const { says } = open()
    pass(60_000)
    const stop = (happened: Event) => happened.stopImmediatePropagation()
    document.body.addEventListener(event.toLowerCase(), stop)
    fireEvent[event](document.body)
    document.body.removeEventListener(event.toLowerCase(), stop)
    pass(0)
    expect(says()).toBe('active')
  },
)

test('what comes all the time is noted now and then, commits nothing, and keeps me active', () => {
  const { says, counter } = open()
  const timers = vi.spyOn(globalThis, 'setTimeout')
  for (let i = 0; i < 1_000; i++) {
    fireEvent.pointerMove(document.body)
    pass(100)
  }
  expect(timers.mock.calls.length).toBeLessThanOrEqual(200)
  expect(counter.commits).toBe(0)
  pass(59_000)
  expect(says()).toBe('active')
})

test('a page out of sight is idle at once, away in its time, and active when it is seen again', () => {
  const { says } = open({ awayMs: 120_000 })
  pass(30_000)
  turn(true)
  expect(says()).toBe('idle')
  pass(89_999)
  expect(says()).toBe('idle')
  pass(1)
  expect(says()).toBe('away')
  turn(false)
  expect(says()).toBe('active')
})

test('a timer that comes late, after a sleep, tells what is so then', () => {
  const { says } = open()
  vi.setSystemTime(Date.now() + 3_600_000)
  pass(60_000)
  expect(says()).toBe('away')
})

test('all who ask share one set of passive listeners, each with times of its own; the last one takes them away', () => {
  const added = vi.spyOn(window, 'addEventListener')
  const removed = vi.spyOn(window, 'removeEventListener')
  const signs = (spy: typeof added | typeof removed) => spy.mock.calls.filter(([name]) => name === 'pointermove')
  const one = renderHook(() => useIdle())
  const other = renderHook(() => useIdle({ idleMs: 1_000, awayMs: 2_000 }))
  expect(signs(added).map(([, , options]) => options)).toEqual([{ capture: true, passive: true }])
  pass(2_000)
  expect([one.result.current, other.result.current]).toEqual(['active', 'away'])
  one.unmount()
  expect(signs(removed)).toEqual([])
  other.unmount()
  expect(signs(removed)).toHaveLength(1)
  expect(vi.getTimerCount()).toBe(0)
})

test('on a server I am active', () => {
  const Says = () => <p>{useIdle()}</p>
  expect(renderToString(<Says />)).toBe('<p>active</p>')
})

test('who asks later is told how it is in its first render, and a page that opens out of sight begins as idle', () => {
  const first = open()
  pass(300_000)
  const second = open()
  expect([first.says(), second.says()]).toEqual(['away', 'away'])
  expect(second.counter.commits).toBe(0)
  first.unmount()
  second.unmount()
  isHidden = true
  const states: string[] = []
  renderHook(() => states.push(useIdle()))
  expect(new Set(states)).toEqual(new Set(['idle']))
})

test('what is typed without a key (dictation, a fill) is noted only after the event, or a controlled field would lose it', () => {
  const { says } = open()
  pass(60_000)
  fireEvent.input(document.body)
  expect(says()).toBe('idle')
  pass(0)
  expect(says()).toBe('active')
})
