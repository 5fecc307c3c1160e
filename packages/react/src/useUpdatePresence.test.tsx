import { act, renderHook } from '@testing-library/react'
import { expect, test } from 'vitest'
import { countCommits } from './testing/commits.tsx'
import { scriptedClient } from './testing/scriptedClient.tsx'
import { useUpdatePresence, type UpdatePresenceOptions } from './useUpdatePresence.ts'

const key = 'pr:room-1'

function open() {
  const scripted = scriptedClient()
  const counter = countCommits()
  const { Provider } = scripted
  const rendered = renderHook(
    ({ room = key, ttlMs }: UpdatePresenceOptions & { room?: string }) => useUpdatePresence(room, { ttlMs }),
    { initialProps: {}, wrapper: ({ children }) => <Provider>{counter.frame(children)}</Provider> },
  )
  return { ...scripted, ...rendered, counter }
}

test('[P11] useUpdatePresence enters no room before update is called, and its entry goes with the component', async () => {
  const { client, connected, settle, result, wire, server, unmount } = open()
  expect(client.status).toBe('idle')
  expect(client.inspect().rooms).toEqual([])
  act(() => result.current('here'))
  await connected()
  expect(server.puts(key)).toEqual([[1, expect.any(Number), 30_000, 1, 'here']])
  unmount()
  await settle()
  expect(wire().at(-1)).toBe('l')
})

test('[P4] useUpdatePresence renders nothing: not for what I put, not for what others do', async () => {
  const { connected, result, server, counter } = open()
  act(() => result.current(1))
  await connected()
  act(() => server.put(key, 9, 'x'))
  act(() => result.current((current: unknown) => Number(current) + 1))
  expect(counter.commits).toBe(1)
})

test('[P11] the function is the same for good; in another room it starts with nothing and leaves the old one', async () => {
  const { connected, settle, result, rerender, server, client } = open()
  const update = result.current
  act(() => update(1))
  await connected()
  rerender({ room: 'pr:room-2', ttlMs: 40_000 })
  await settle()
  expect(result.current).toBe(update)
  expect(client.presence(key).mine()).toBeUndefined()
  act(() => update((current: unknown) => current ?? 'nothing'))
  await settle()
  expect(server.puts('pr:room-2').at(-1)?.slice(2)).toEqual([40_000, 1, 'nothing'])
})
