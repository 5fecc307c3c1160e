import { act, renderHook } from '@testing-library/react'
import { expect, test } from 'vitest'
import { countCommits } from './testing/commits.tsx'
import { openWorld } from './testing/openWorld.tsx'
import { useConnectionStatus } from './useConnectionStatus.ts'

test('useConnectionStatus follows the connection, one commit a step, and opens none itself', async () => {
  const { Provider, client, advance } = openWorld()
  const counter = countCommits()
  const { result } = renderHook(() => useConnectionStatus(), {
    wrapper: ({ children }) => <Provider>{counter.frame(children)}</Provider>,
  })
  await advance(60_000)
  expect(result.current).toBe('idle')
  act(() => client.connect())
  expect(result.current).toBe('connecting')
  await advance()
  expect(result.current).toBe('connected')
  client.offline()
  client.onError(() => {})
  await advance(18_000)
  expect(result.current).toBe('reconnecting')
  client.online()
  await advance(500)
  expect(result.current).toBe('connected')
  act(() => client.close())
  expect(result.current).toBe('closed')
  expect(counter.commits).toBe(6)
})
