import { act, renderHook } from '@testing-library/react'
import type { PresenceEntry } from '@app/client'
import type { WorldClient } from '@app/client/testing'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { countCommits } from './testing/commits.tsx'
import { openWorld } from './testing/openWorld.tsx'
import { useOthers, type Others } from './useOthers.ts'
import { useSelf } from './useSelf.ts'

const key = 'pr:room-1'

/** A component that calls a hook and has no entry of its own, connected; and Ada and Grace, who came in this order. */
async function open<R>(hook: () => R) {
  const opened = openWorld()
  const { world, Provider, advance } = opened
  const [grace, ada] = [world.client({ user: { id: 'grace' } }), world.client({ user: { id: 'ada' } })]
  const counter = countCommits()
  const rendered = renderHook(hook, { wrapper: ({ children }) => <Provider>{counter.frame(children)}</Provider> })
  await advance()
  /** One of them shows something, and everyone hears of it. */
  const puts = (who: WorldClient, data: unknown) => {
    who.presence(key).heartbeat(data, 60_000)
    return advance()
  }
  counter.commits = 0
  return { ...opened, ...rendered, counter, ada, grace, puts }
}

test('[P11] useOthers tells the others by the order they came, and puts nothing', async () => {
  const { ada, grace, puts, result, client, advance } = await open(() => useOthers(key))
  await puts(ada, 'x')
  await puts(grace, 'x')
  expect(ada.presence(key).value().size).toBe(2)
  act(() => void client.presence(key).track('mine'))
  await advance()
  expect(result.current.map(({ user }) => user?.id)).toEqual(['ada', 'grace'])
  expect(ada.presence(key).value().size).toBe(3)
})

test('[P4] what I change myself commits nothing in a component that looks at the others only', async () => {
  const { client, counter } = await open(() => useOthers(key))
  act(() => void client.presence(key).track('mine'))
  act(() => client.presence(key).leave())
  expect(counter.commits).toBe(0)
})

test('[P4] a change that an inline selector does not see costs no commit, one that it sees costs one', async () => {
  const { ada, grace, puts, result, counter } = await open(() =>
    useOthers(key, (others: Others<{ isTyping: boolean }>) => others.some(({ data }) => data.isTyping)),
  )
  await puts(ada, { isTyping: false })
  await puts(grace, { isTyping: false })
  expect(counter.commits).toBe(0)
  await puts(ada, { isTyping: true })
  expect(result.current).toBe(true)
  expect(counter.commits).toBe(1)
})

test('[P4] lists that a selector makes are equal when their items are identical', async () => {
  const { ada, puts, result, counter, rerender } = await open(() =>
    useOthers(key, (others: Others<{ name: string }>) => others.map(({ data }) => data.name)),
  )
  await puts(ada, { name: 'Ada', at: 1 })
  const names = result.current
  expect(names).toEqual(['Ada'])
  expect(counter.commits).toBe(1)
  await puts(ada, { name: 'Ada', at: 2 })
  expect(counter.commits).toBe(1)
  rerender()
  expect(result.current).toBe(names)
})

test('an isEqual of the caller decides, and a new selector is honoured at its first render', async () => {
  const isEqual = vi.fn<(a: { x: number }, b: { x: number }) => boolean>((a, b) => a.x === b.x)
  let factor = 1
  const { ada, puts, result, rerender } = await open(() =>
    useOthers(key, (others) => ({ x: others.length * factor }), isEqual),
  )
  await puts(ada, 1)
  const before = result.current
  await puts(ada, 2)
  expect(result.current).toBe(before)
  expect(isEqual).toHaveBeenCalled()
  factor = 10
  rerender()
  expect(result.current).toEqual({ x: 10 })
})

test('[P9] with a schema the others are those whose data fits, as its output', async () => {
  const schema = z.object({ x: z.number(), y: z.number().default(0) })
  const { ada, grace, puts, result, client } = await open(() =>
    useOthers(key, { schema, selector: (others) => others.map(({ data }) => data.y) }),
  )
  client.onError(() => {})
  await puts(ada, { x: 1 })
  await puts(grace, 'no cursor')
  expect(result.current).toEqual([0])
})

test('[P4] useSelf is my entry whoever put it, and commits nothing for what others do', async () => {
  const { ada, puts, result, counter, client } = await open(() => useSelf(key))
  expect(result.current).toBeNull()
  await puts(ada, 'x')
  expect(counter.commits).toBe(0)
  act(() => void client.presence(key).track('mine'))
  expect(result.current).toMatchObject({ clientId: client.clientId, data: 'mine' })
  expect(counter.commits).toBe(1)
  act(() => client.presence(key).leave())
  expect(result.current).toBeNull()
})

test('[P4] useSelf with a selector renders only when what it returns of my entry is another', async () => {
  const { client, counter, result } = await open(() =>
    useSelf(key, (self: PresenceEntry<{ color: string; at: number }> | null) => self?.data.color ?? 'none'),
  )
  const puts = (color: string, at: number) => act(() => client.presence(key).heartbeat({ color, at }, 60_000))
  expect(result.current).toBe('none')
  puts('red', 1)
  puts('red', 2)
  expect(result.current).toBe('red')
  expect(counter.commits).toBe(1)
  puts('blue', 2)
  expect(result.current).toBe('blue')
})
