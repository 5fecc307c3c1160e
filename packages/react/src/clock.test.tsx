import { act, fireEvent, render, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ConnectionBanner } from './components/ConnectionBanner.tsx'
import { TypingIndicator } from './components/TypingIndicator.tsx'
import { openWorld } from './testing/openWorld.tsx'
import { useCursors } from './useCursors.ts'
import { useIdle } from './useIdle.ts'
import { usePresenceEvents } from './usePresenceEvents.ts'
import { useTyping } from './useTyping.ts'

const key = 'pr:room-1'

// The page's own timers stand still: only the world's clock turns.
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a world turns the time of an absence', async () => {
  const { world, Provider, advance } = openWorld()
  const ada = world.client({ user: { id: 'ada' } })
  ada.presence(key).track('x')
  const told: string[] = []
  renderHook(() => usePresenceEvents(key, { onLeave: ({ userId }) => told.push(userId) }), { wrapper: Provider })
  await advance()
  ada.close()
  await advance(9_000)
  expect(told).toEqual([])
  await advance(1_100)
  expect(told).toEqual(['ada'])
})

test('a world turns the time until somebody is idle, and what is typed counts with its next turn', async () => {
  const { Provider, advance } = openWorld()
  const { result } = renderHook(() => useIdle(), { wrapper: Provider })
  await advance(59_999)
  expect(result.current).toBe('active')
  await advance(1)
  expect(result.current).toBe('idle')
  fireEvent.input(document.body)
  await advance(0)
  expect(result.current).toBe('active')
})

test('two clocks on one page each have their own idle person', async () => {
  const [one, other] = [openWorld(), openWorld()]
  const first = renderHook(() => useIdle(), { wrapper: one.Provider })
  const second = renderHook(() => useIdle(), { wrapper: other.Provider })
  await one.advance(60_000)
  expect([first.result.current, second.result.current]).toEqual(['idle', 'active'])
})

test('a world turns the time after which a banner shows, and its seconds', async () => {
  const { client, Provider, advance } = openWorld()
  client.onError(() => {})
  client.connect()
  await advance()
  const { container } = render(<ConnectionBanner delayMs={0} />, { wrapper: Provider })
  client.offline()
  await advance(20_000)
  // React 18 draws when `act` ends, and what is drawn then waits.
  await advance(0)
  expect(container.textContent).toContain('Connection lost.')
  client.online()
  await advance(5_000)
  expect(container.textContent).toBe('')
})

test('a world turns the time after which typing has ended, and that of what a screen reader is told of it', async () => {
  const { world, Provider, advance } = openWorld()
  const ada = world.client({ user: { id: 'ada', name: 'Ada' } })
  const typing = ada.presence(`${key}/typing`)
  const { result } = renderHook(() => useTyping(key), { wrapper: Provider })
  const line = render(<TypingIndicator room={key} />, { wrapper: Provider })
  typing.onChange(() => {})
  await advance()
  act(() => result.current.start())
  await advance(2_000)
  expect(typing.value().size).toBe(1)
  await advance(1_100)
  expect(typing.value().size).toBe(0)
  typing.heartbeat(true, 6_000)
  await advance()
  await advance(1_000)
  expect(line.getByRole('status').textContent).toBe('Ada is typing')
})

test("a world turns the time for which a finger's cursor stays", async () => {
  const { world, Provider, advance } = openWorld()
  const cursors = world.client().presence(`${key}/cursors`)
  cursors.onChange(() => {})
  const Board = () => {
    const { bind, ref } = useCursors(key)
    return <div {...bind} ref={ref} role="img" />
  }
  const { getByRole } = render(<Board />, { wrapper: Provider })
  await advance()
  const touch = (kind: string) => {
    const event = new MouseEvent(kind, { bubbles: true, clientX: 1, clientY: 1 })
    fireEvent(getByRole('img'), Object.assign(event, { pointerType: 'touch', isPrimary: true }))
  }
  touch('pointermove')
  await advance(500)
  expect(cursors.value().size).toBe(1)
  touch('pointerout')
  await advance(1_100)
  expect(cursors.value().size).toBe(0)
})
