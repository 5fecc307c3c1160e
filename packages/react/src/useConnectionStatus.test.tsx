import { act, renderHook } from '@testing-library/react'
import { expect, test } from 'vitest'
import { countCommits } from './testing/commits.tsx'
import { scriptedClient } from './testing/scriptedClient.tsx'
import { useConnectionStatus } from './useConnectionStatus.ts'

test('useConnectionStatus follows the connection, one commit a step, and opens none itself', async () => {
  const { Provider, client, server, clock, connected } = scriptedClient()
  const counter = countCommits()
  const { result } = renderHook(() => useConnectionStatus(), {
    wrapper: ({ children }) => <Provider>{counter.frame(children)}</Provider>,
  })
  expect(result.current).toBe('idle')
  act(() => client.connect())
  expect(result.current).toBe('connecting')
  await connected()
  expect(result.current).toBe('connected')
  act(() => server.drop())
  expect(result.current).toBe('reconnecting')
  act(() => clock.advance(0))
  await connected()
  expect(result.current).toBe('connected')
  act(() => client.close())
  expect(result.current).toBe('closed')
  expect(counter.commits).toBe(6)
})
