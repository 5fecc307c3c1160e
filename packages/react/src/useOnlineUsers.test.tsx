import { act, renderHook } from '@testing-library/react'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { countCommits } from './testing/commits.tsx'
import { scriptedClient } from './testing/scriptedClient.tsx'
import { useOnlineUsers, type OnlineUsers } from './useOnlineUsers.ts'

const key = 'pr:room-1'
const ada = { id: 'ada', name: 'Ada' }

/** A component that calls a hook and has no entry of its own, connected. */
async function open<R>(hook: () => R) {
  const scripted = scriptedClient({ user: ada })
  const counter = countCommits()
  const { Provider, connected } = scripted
  const rendered = renderHook(hook, { wrapper: ({ children }) => <Provider>{counter.frame(children)}</Provider> })
  await connected()
  counter.commits = 0
  return { ...scripted, ...rendered, counter }
}

test('[U2] useOnlineUsers tells each user once, in the order they came, and puts nothing', async () => {
  const { server, result, wire, client, me } = await open(() => useOnlineUsers(key))
  act(() => server.put(key, 9, 'x', { joinedAtMs: 2, user: { id: 'grace' } }))
  act(() => server.put(key, 8, 'x', { joinedAtMs: 1 }))
  act(() => server.put(key, 10, 'x', { joinedAtMs: 3, user: ada }))
  expect(result.current.map(({ userId, isMe }) => [userId, isMe])).toEqual([
    ['client:8', false],
    ['grace', false],
    ['ada', true],
  ])
  expect(wire()).toEqual(['enter'])
  act(() => void client.presence(key).track('mine'))
  expect(result.current[2]?.clientIds).toEqual([10, me])
})

test('[P4] a user who did not change stays the same object, and a selection that stays equal commits nothing', async () => {
  const { server, result, counter } = await open(() => ({
    all: useOnlineUsers(key),
    named: useOnlineUsers(key, (users: OnlineUsers) => users.map(({ userId }) => userId)),
  }))
  act(() => server.put(key, 8, 'x', { user: ada }))
  act(() => server.put(key, 9, 'x', { user: { id: 'grace' } }))
  expect(counter.commits).toBe(2)
  const before = result.current
  act(() => server.put(key, 9, 'y', { user: { id: 'grace' } }))
  expect(result.current.all[0]).toBe(before.all[0])
  expect(result.current.all[1]).not.toBe(before.all[1])
  expect(result.current.named).toBe(before.named)
})

test('[P4] a component that selects is rendered for what it selects only', async () => {
  const { server, counter } = await open(() => useOnlineUsers(key, (users) => users.length))
  act(() => server.put(key, 8, 'x', { user: ada }))
  act(() => server.put(key, 9, 'x', { user: ada }))
  act(() => server.put(key, 9, 'y', { user: ada }))
  expect(counter.commits).toBe(1)
})

test('[P9] with a schema users are those whose data fits', async () => {
  const schema = z.object({ x: z.number().default(1) })
  const { server, result, client } = await open(() =>
    useOnlineUsers(key, { schema, selector: (users) => users.flatMap(({ entries }) => entries.map((e) => e.data.x)) }),
  )
  client.onError(() => {})
  act(() => server.put(key, 9, {}))
  act(() => server.put(key, 8, 'nothing'))
  expect(result.current).toEqual([1])
})
