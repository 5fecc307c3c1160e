import { act, renderHook } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { countCommits } from './testing/commits.tsx'
import { scriptedClient } from './testing/scriptedClient.tsx'
import { useOthers, type Others } from './useOthers.ts'
import { useSelf } from './useSelf.ts'

const key = 'pr:room-1'

/** A component that calls a hook and has no entry of its own, connected. */
async function open<R>(hook: () => R) {
  const scripted = scriptedClient()
  const counter = countCommits()
  const { Provider, connected } = scripted
  const rendered = renderHook(hook, { wrapper: ({ children }) => <Provider>{counter.frame(children)}</Provider> })
  await connected()
  counter.commits = 0
  return { ...scripted, ...rendered, counter }
}

test('[P11] useOthers tells the others by the order they came, and puts nothing', async () => {
  const { server, result, wire, client } = await open(() => useOthers(key))
  act(() => server.put(key, 9, 'x', { joinedAtMs: 2 }))
  act(() => server.put(key, 8, 'x', { joinedAtMs: 1 }))
  act(() => void client.presence(key).track('mine'))
  expect(result.current.map(({ clientId }) => clientId)).toEqual([8, 9])
  expect(wire()).toEqual(['enter', 'p'])
})

test('[P4] what I change myself commits nothing in a component that looks at the others only', async () => {
  const { client, counter } = await open(() => useOthers(key))
  act(() => void client.presence(key).track('mine'))
  act(() => client.presence(key).leave())
  expect(counter.commits).toBe(0)
})

test('[P4] a change that an inline selector does not see costs no commit, one that it sees costs one', async () => {
  const { server, result, counter } = await open(() =>
    useOthers(key, (others: Others<{ isTyping: boolean }>) => others.some(({ data }) => data.isTyping)),
  )
  act(() => server.put(key, 9, { isTyping: false }))
  act(() => server.put(key, 8, { isTyping: false }))
  expect(counter.commits).toBe(0)
  act(() => server.put(key, 9, { isTyping: true }))
  expect(result.current).toBe(true)
  expect(counter.commits).toBe(1)
})

test('[P4] lists that a selector makes are equal when their items are identical', async () => {
  const { server, result, counter, rerender } = await open(() =>
    useOthers(key, (others: Others<{ name: string }>) => others.map(({ data }) => data.name)),
  )
  act(() => server.put(key, 9, { name: 'Ada', at: 1 }))
  const names = result.current
  expect(names).toEqual(['Ada'])
  expect(counter.commits).toBe(1)
  act(() => server.put(key, 9, { name: 'Ada', at: 2 }))
  expect(counter.commits).toBe(1)
  rerender()
  expect(result.current).toBe(names)
})

test('an isEqual of the caller decides, and a new selector is honoured at its first render', async () => {
  const scripted = scriptedClient()
  const isEqual = vi.fn<(a: { x: number }, b: { x: number }) => boolean>((a, b) => a.x === b.x)
  const { result, rerender } = renderHook(({ x }) => useOthers(key, (others) => ({ x: others.length * x }), isEqual), {
    initialProps: { x: 1 },
    wrapper: scripted.Provider,
  })
  await scripted.connected()
  act(() => scripted.server.put(key, 9, 1))
  const before = result.current
  act(() => scripted.server.put(key, 9, 2))
  expect(result.current).toBe(before)
  expect(isEqual).toHaveBeenCalled()
  rerender({ x: 10 })
  expect(result.current).toEqual({ x: 10 })
})

test('[P9] with a schema the others are those whose data fits, as its output', async () => {
  const schema = z.object({ x: z.number(), y: z.number().default(0) })
  const { server, result, client } = await open(() =>
    useOthers(key, { schema, selector: (others) => others.map(({ data }) => data.y) }),
  )
  client.onError(() => {})
  act(() => server.put(key, 9, { x: 1 }))
  act(() => server.put(key, 8, 'no cursor'))
  expect(result.current).toEqual([0])
})

test('[P4] useSelf is my entry whoever put it, and commits nothing for what others do', async () => {
  const { server, result, counter, client, me } = await open(() => useSelf(key))
  expect(result.current).toBeNull()
  act(() => server.put(key, 9, 'x'))
  expect(counter.commits).toBe(0)
  act(() => void client.presence(key).track('mine'))
  expect(result.current).toMatchObject({ clientId: me, data: 'mine' })
  expect(counter.commits).toBe(1)
  act(() => client.presence(key).leave())
  expect(result.current).toBeNull()
})
