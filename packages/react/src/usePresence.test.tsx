import { StrictMode, useEffect } from 'react'
import { act, render, renderHook } from '@testing-library/react'
import { defineRooms } from '@app/client'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { PresenceProvider } from './PresenceProvider.tsx'
import { countCommits } from './testing/commits.tsx'
import { scriptedClient } from './testing/scriptedClient.tsx'
import { usePresence, type PresenceOptions, type RoomPresence } from './usePresence.ts'
import { useUpdatePresence } from './useUpdatePresence.ts'

const key = 'pr:room-1'

/** One component that uses the room, connected. */
async function open(options: PresenceOptions & { room?: string; schema?: undefined } = {}) {
  const scripted = scriptedClient()
  const { Provider, connected } = scripted
  const counter = countCommits()
  const hook = renderHook(({ room = key, ...rest }: typeof options) => usePresence(room, rest), {
    initialProps: options,
    wrapper: ({ children }) => <Provider>{counter.frame(children)}</Provider>,
  })
  if (options.enabled !== false) await connected()
  return { ...scripted, ...hook, counter, now: () => hook.result.current }
}

test('[P11] with data I am here: one enter, one put, and everyone in the result, in the order they came', async () => {
  const { server, clock, now, me, wire } = await open({ data: { status: 'online' } })
  expect(wire()).toEqual(['enter', 'p'])
  act(() => server.put(key, 9, 'later', { joinedAtMs: clock.wallMs() + 5 }))
  act(() => server.put(key, 8, 'as late', { joinedAtMs: clock.wallMs() + 5 }))
  act(() => server.put(key, 50, 'earlier', { joinedAtMs: clock.wallMs() - 5 }))
  expect(now().online.map(({ clientId }) => clientId)).toEqual([50, me, 8, 9])
  expect(now().others.map(({ clientId }) => clientId)).toEqual([50, 8, 9])
  expect(now().self?.data).toEqual({ status: 'online' })
  expect(now().entries.get(9)?.data).toBe('later')
  expect(now().count).toBe(4)
  expect(now().status).toBe('live')
})

test('[P11] without data I only watch, until update is called', async () => {
  const { server, now, wire, me } = await open()
  act(() => server.put(key, 9, 'x'))
  expect(now().self).toBeNull()
  expect(now().count).toBe(1)
  expect(wire()).toEqual(['enter'])
  act(() => now().update('here I am'))
  expect(now().self?.clientId).toBe(me)
  expect(server.puts(key)).toHaveLength(1)
})

test('[P11] StrictMode costs one enter and one put, and no leave, also while already connected', async () => {
  for (const isConnectedBefore of [false, true]) {
    const { Provider, client, connected, settle, wire } = scriptedClient()
    if (isConnectedBefore) client.connect()
    if (isConnectedBefore) await connected()
    const { unmount } = renderHook(() => usePresence(key, { data: 'x' }), { reactStrictMode: true, wrapper: Provider })
    await connected()
    await settle()
    expect(wire()).toEqual(['enter', 'p'])
    unmount()
    await settle()
    expect(wire()).toEqual(['enter', 'p', 'l'])
  }
})

test('[P11] two components are one subscription and one entry, and one that goes leaves the other in place', async () => {
  const { Provider, connected, settle, server, wire, me } = scriptedClient()
  let last: RoomPresence | null = null
  const One = () => {
    usePresence(key, { data: 'one' })
    return null
  }
  const Two = () => {
    const two = usePresence(key, { data: 'two' })
    useEffect(() => void (last = two))
    return null
  }
  const page = (isOneThere: boolean) => (
    <StrictMode>
      <Provider>
        {isOneThere && <One />}
        <Two />
      </Provider>
    </StrictMode>
  )
  const { rerender, unmount } = render(page(true))
  await connected()
  expect(wire()).toEqual(['enter', 'p'])
  expect(server.puts(key).at(-1)?.[4]).toBe('two')
  rerender(page(false))
  await settle()
  expect(wire()).toEqual(['enter', 'p'])
  expect(last!.entries.get(me)?.data).toBe('two')
  unmount()
  await settle()
  expect(wire()).toEqual(['enter', 'p', 'l'])
})

test('[P12] when the component whose data shows goes, the data of the one before it shows again', async () => {
  const { Provider, connected, settle, server, wire } = scriptedClient()
  const Put = ({ data }: { data: string }) => {
    usePresence(key, { data })
    return null
  }
  const { rerender } = render([<Put key="1" data="one" />, <Put key="2" data="two" />], { wrapper: Provider })
  await connected()
  await settle()
  rerender([<Put key="1" data="one" />])
  await settle()
  expect(server.puts(key).map((row) => row[4])).toEqual(['two', 'one'])
  expect(wire()).not.toContain('l')
})

test('[P11] an entry moves with no leave to another component that comes as the first one goes', async () => {
  const { Provider, connected, settle, wire } = scriptedClient()
  const Put = () => {
    usePresence(key, { data: 'x' })
    return null
  }
  const { rerender } = render(<Put key="1" />, { wrapper: Provider })
  await connected()
  rerender(<Put key="2" />)
  await settle()
  expect(wire()).toEqual(['enter', 'p'])
})

test('[P5] an inline object of the same JSON text is the same data, another one is put', async () => {
  const { rerender, settle, server, now } = await open({ data: { at: [1, 2] } })
  rerender({ data: { at: [1, 2] } })
  await settle()
  expect(server.puts(key)).toHaveLength(1)
  rerender({ data: { at: [2, 2] } })
  await settle()
  expect(server.puts(key).at(-1)?.[4]).toEqual({ at: [2, 2] })
  expect(now().self?.data).toEqual({ at: [2, 2] })
})

test('[P8] null, 0, false and an empty string are data', async () => {
  const { rerender, settle, now, wire } = await open({ data: null })
  expect(now().self?.data).toBeNull()
  for (const data of [0, false, '']) {
    rerender({ data })
    expect(now().self?.data).toBe(data)
  }
  await settle()
  expect(wire()).not.toContain('l')
})

test('[P11] data that is taken away takes my entry away, and I go on watching', async () => {
  const { rerender, settle, now, wire } = await open({ data: 'x' })
  rerender({ data: undefined })
  await settle()
  expect(now().self).toBeNull()
  expect(wire()).toEqual(['enter', 'p', 'l'])
})

test('[P11] another room: the old one loses my entry, the new one gets it, and the functions speak to the new one', async () => {
  const { rerender, settle, server, now } = await open({ data: 'x' })
  rerender({ room: 'pr:room-2', data: 'x' })
  expect(now().self?.data).toBe('x')
  await settle()
  expect(server.sent('enter').map(([, room]) => room)).toEqual([key, 'pr:room-2'])
  expect(server.sent('l')).toHaveLength(1)
  expect(server.puts('pr:room-2')).toHaveLength(1)
  act(() => now().update('y'))
  await settle()
  expect(server.puts('pr:room-2').at(-1)?.[4]).toBe('y')
  expect(server.puts(key)).toHaveLength(1)
})

test('[P11] two components that swap rooms cost no leave', async () => {
  const { Provider, connected, settle, wire, server } = scriptedClient()
  const Put = ({ room }: { room: string }) => {
    usePresence(room, { data: 'x' })
    return null
  }
  const page = (one: string, two: string) => [<Put key="1" room={one} />, <Put key="2" room={two} />]
  const { rerender } = render(page('pr:a', 'pr:b'), { wrapper: Provider })
  await connected()
  rerender(page('pr:b', 'pr:a'))
  await settle()
  expect(wire()).not.toContain('l')
  expect(server.received.filter(([event]) => event === 'enter')).toHaveLength(2)
})

test('[P11] another client: the old one loses my entry, the new one gets it', async () => {
  const [one, two] = [scriptedClient(), scriptedClient({}, 8)]
  const Put = () => {
    usePresence(key, { data: 'x' })
    return null
  }
  const { rerender } = render(
    <one.Provider>
      <Put />
    </one.Provider>,
  )
  await one.connected()
  rerender(
    <two.Provider>
      <Put />
    </two.Provider>,
  )
  await two.connected()
  await one.settle()
  expect(one.wire()).toEqual(['enter', 'p', 'l'])
  expect(two.wire()).toEqual(['enter', 'p'])
})

test('[P11] with enabled: false nothing happens, not even for a key that is none yet, and the functions do nothing', async () => {
  const { rerender, now, client, connected, settle, wire, unmount } = await open({
    room: '',
    data: 'x',
    enabled: false,
  })
  act(() => {
    now().update('y')
    now().heartbeat('y', 5_000)
    now().leave()
  })
  expect(client.status).toBe('idle')
  expect(client.inspect().rooms).toEqual([])
  expect(now()).toMatchObject({ online: [], self: null, others: [], users: [], count: 0, status: 'loading' })

  rerender({ data: 'x', enabled: true })
  await connected()
  expect(now().self?.data).toBe('x')
  rerender({ data: 'x', enabled: false })
  await settle()
  expect(now().count).toBe(0)
  expect(wire()).toEqual(['enter', 'p', 'l'])
  unmount()
})

test('[P12] a leave holds until the text of data changes: through renders, a new ttlMs and a reconnect', async () => {
  const { rerender, settle, reconnect, now, server, wire } = await open({ data: { a: 1 } })
  act(() => now().leave())
  expect(now().self).toBeNull()
  rerender({ data: { a: 1 } })
  rerender({ data: { a: 1 }, ttlMs: 40_000 })
  await settle()
  await reconnect()
  expect(now().self).toBeNull()
  expect(wire().filter((event) => event === 'p')).toHaveLength(1)
  rerender({ data: { a: 2 }, ttlMs: 40_000 })
  await settle()
  expect(now().self?.data).toEqual({ a: 2 })
  expect(server.puts(key).at(-1)?.[2]).toBe(40_000)
})

test('[P12] update starts a track again that a leave or a heartbeat has stopped', async () => {
  const { now, settle, server } = await open({ data: 'x' })
  act(() => now().leave())
  act(() => now().update((current) => `${String(current)}!`))
  expect(now().self?.data).toBe('x!')
  act(() => now().heartbeat('beat', 5_000))
  await settle()
  expect(server.puts(key).at(-1)?.slice(2)).toEqual([5_000, 0, 'beat'])
  act(() => now().update('held'))
  await settle()
  expect(server.puts(key).at(-1)?.slice(2)).toEqual([30_000, 1, 'held'])
})

test('[P12] update replaces, and computes from my present data, whoever put it', async () => {
  const { now, client } = await open()
  const seen: unknown[] = []
  act(() => now().update((current) => (seen.push(current), 1)))
  act(() => void client.presence(key).track(2))
  act(() => now().update((current) => (seen.push(current), 3)))
  expect(seen).toEqual([undefined, 2])
  expect(now().self?.data).toBe(3)
})

test('[L2] ttlMs is passed on, and a changed one renews my present data without a leave', async () => {
  const { rerender, settle, server, now, wire } = await open({ data: 'x', ttlMs: 40_000 })
  act(() => now().update('y'))
  await settle()
  rerender({ data: 'x', ttlMs: 50_000 })
  await settle()
  expect(server.puts(key).map(([, , ttlMs, , data]) => [ttlMs, data])).toEqual([
    [40_000, 'x'],
    [40_000, 'y'],
    [50_000, 'y'],
  ])
  expect(wire()).not.toContain('l')
})

test('[L2] a changed ttlMs does not make a held lease of a heartbeat', async () => {
  const { rerender, settle, server, now } = await open({ data: 'x' })
  act(() => now().heartbeat('beat', 5_000))
  await settle()
  rerender({ data: 'x', ttlMs: 50_000 })
  await settle()
  expect(server.puts(key).at(-1)?.slice(2)).toEqual([5_000, 0, 'beat'])
})

test('[P4] a parent that renders again changes no identity, and the functions are the same for good', async () => {
  const { rerender, server, now } = await open({ data: { a: 1 } })
  act(() => server.put(key, 9, 'x', { user: { id: 'ada' } }))
  const before = now()
  rerender({ data: { a: 1 } })
  expect(now()).toBe(before)
  rerender({ room: 'pr:room-2', data: { a: 2 }, ttlMs: 50_000 })
  expect(now().update).toBe(before.update)
  expect(now().heartbeat).toBe(before.heartbeat)
  expect(now().leave).toBe(before.leave)
  const given: unknown[] = []
  act(() => void given.push(now().update('x'), now().heartbeat('x', 5_000), now().leave()))
  expect(given).toEqual([undefined, undefined, undefined])
})

test('[P4] what did not change is the same: others when I change, a user when another one does', async () => {
  const { server, now } = await open({ data: 1 })
  act(() => server.put(key, 9, 'x', { user: { id: 'ada' } }))
  act(() => server.put(key, 10, 'x', { user: { id: 'bob' } }))
  const { others, users } = now()
  act(() => now().update(2))
  expect(now().others).toBe(others)
  act(() => server.put(key, 10, 'y', { user: { id: 'bob' } }))
  expect(now().others).not.toBe(others)
  expect(now().users[1]).toBe(users[1])
  expect(now().users[2]).not.toBe(users[2])
})

test('[P5] a hundred renewals cost no commit, and one who joins costs one', async () => {
  const { server, counter, clock, settle } = await open({ data: 'x' })
  await settle()
  act(() => server.put(key, 9, 'x', { ttlMs: 5_000 }))
  counter.commits = 0
  for (let time = 0; time < 100; time++) {
    act(() => {
      clock.advance(1_000)
      server.renew(key, 9, 5_000)
    })
  }
  expect(counter.commits).toBe(0)
  act(() => server.put(key, 10, 'x'))
  expect(counter.commits).toBe(1)
})

test('[P4] a lease that ends without its timer does not change what a render reads, the event does', async () => {
  const { server, clock, rerender, now } = await open({ data: 'x' })
  act(() => server.put(key, 9, 'x', { ttlMs: 5_000 }))
  const before = now()
  clock.stall(5_001)
  rerender({ data: 'x' })
  expect(now()).toBe(before)
  act(() => clock.advance(0))
  expect(now().others).toEqual([])
})

test('[U2] two tabs of one user are two entries and one user, who is gone with the last of them', async () => {
  const { server, now, me } = await open({ data: 'x' })
  const user = { id: 'ada', name: 'Ada' }
  act(() => server.put(key, 20, 'tab', { user }))
  act(() => server.put(key, 21, 'tab', { user: { ...user, name: 'Ada L.' } }))
  expect(now().online).toHaveLength(3)
  expect(now().count).toBe(2)
  expect(now().users.map(({ userId, clientIds, isMe }) => ({ userId, clientIds, isMe }))).toEqual([
    { userId: `client:${me}`, clientIds: [me], isMe: true },
    { userId: 'ada', clientIds: [20, 21], isMe: false },
  ])
  expect(now().users[1]?.user?.name).toBe('Ada L.')
  act(() => server.remove(key, 20))
  expect(now().count).toBe(2)
  act(() => server.remove(key, 21))
  expect(now().count).toBe(1)
})

test('[U2] another tab of mine is me, also when this one only watches', async () => {
  const scripted = scriptedClient({ user: { id: 'me' } })
  const { result } = renderHook(() => usePresence(key), { wrapper: scripted.Provider })
  await scripted.connected()
  act(() => scripted.server.put(key, 20, 'tab', { user: { id: 'me' } }))
  expect(result.current.users).toMatchObject([{ userId: 'me', isMe: true }])
  expect(result.current.self).toBeNull()
})

test('[R4] after a restart of the server I put my entry again, once', async () => {
  const { server, reconnect, settle, now } = await open({ data: 'x' })
  act(() => server.restart('epoch-2'))
  expect(now().status).toBe('stale')
  await reconnect()
  await settle()
  expect(server.puts(key)).toHaveLength(2)
  expect(now().self?.data).toBe('x')
  expect(now().status).toBe('live')
})

test('[P9] with a schema, data is its output, and a count includes the entries that it rejects', async () => {
  const { Provider, connected, server, client } = scriptedClient()
  client.onError(() => {})
  const Cursor = z.object({ x: z.number(), y: z.number().default(0) })
  const { result } = renderHook(() => usePresence(key, { schema: Cursor, data: { x: 1 } }), { wrapper: Provider })
  await connected()
  expect(result.current.self?.data).toEqual({ x: 1, y: 0 })
  act(() => server.put(key, 9, 'no cursor'))
  expect(result.current.others).toEqual([])
  expect(result.current.count).toBe(2)
  expect(() => result.current.update({ x: 'one' } as never)).toThrow(expect.objectContaining({ code: 'bad-data' }))
})

test('[P9] the rooms of the provider are the schemas of hooks that have none', async () => {
  const { client, connected, server } = scriptedClient()
  client.onError(() => {})
  const rooms = defineRooms({ 'pr:room-*': z.object({ x: z.number(), y: z.number().default(0) }) })
  const useBoth = () => ({
    checked: usePresence(key, { data: { x: 1 } }),
    own: usePresence(key, { schema: z.unknown() }).others,
    elsewhere: usePresence('pr:elsewhere', { data: 'anything' }).self,
    update: useUpdatePresence(key),
  })
  const { result } = renderHook(useBoth, {
    wrapper: ({ children }) => (
      <PresenceProvider client={client} rooms={rooms}>
        {children}
      </PresenceProvider>
    ),
  })
  await connected()
  expect(result.current.checked.self?.data).toEqual({ x: 1, y: 0 })
  act(() => server.put(key, 9, 'no cursor'))
  expect([result.current.checked.others, result.current.own.length]).toEqual([[], 1])
  expect(result.current.checked.count).toBe(2)
  expect(result.current.elsewhere?.data).toBe('anything')
  for (const update of [result.current.checked.update, result.current.update])
    expect(() => update({ x: 'one' })).toThrow(expect.objectContaining({ code: 'bad-data' }))
})

test('[P9] another schema reads the same entries anew and puts nothing', async () => {
  const { Provider, connected, server, settle } = scriptedClient()
  const Text = z.string()
  const Loud = z.string().transform((text) => text.toUpperCase())
  const { result, rerender } = renderHook(({ schema }) => usePresence(key, { schema, data: 'x' }), {
    initialProps: { schema: Text as typeof Text | typeof Loud },
    wrapper: Provider,
  })
  await connected()
  expect(result.current.self?.data).toBe('x')
  rerender({ schema: Loud })
  await settle()
  expect(result.current.self?.data).toBe('X')
  expect(server.puts(key)).toHaveLength(1)
  expect(server.sent('l')).toHaveLength(0)
  expect(server.sent('enter')).toHaveLength(1)
})

test('[P9] after another schema, update is checked by it, and a leave still holds', async () => {
  const { Provider, connected, settle } = scriptedClient()
  const [Short, Long] = [z.string().max(3), z.string().max(9)]
  const { result, rerender } = renderHook(({ schema }) => usePresence(key, { schema, data: 'x' }), {
    initialProps: { schema: Short },
    wrapper: Provider,
  })
  await connected()
  rerender({ schema: Long })
  act(() => result.current.update('longer'))
  expect(result.current.self?.data).toBe('longer')
  act(() => result.current.leave())
  rerender({ schema: Short })
  await settle()
  expect(result.current.self).toBeNull()
})

test('nothing throws for a peer that has just left', async () => {
  const { server, now } = await open({ data: 'x' })
  act(() => server.put(key, 9, 'x'))
  const gone = now().others[0]
  act(() => server.remove(key, 9))
  expect(now().entries.get(9)).toBeUndefined()
  expect(gone?.data).toBe('x')
  expect(gone?.expiresAtMs).toEqual(expect.any(Number))
})

test('the functions may be called in a child’s first effect, and do nothing after the component has gone', async () => {
  const { Provider, connected, settle, server, wire } = scriptedClient()
  let late: ((data: string) => void) | undefined
  const Child = ({ update }: { update: (data: string) => void }) => {
    useEffect(() => update('from a child'), [update])
    return null
  }
  const Parent = () => {
    const { update } = usePresence(key, { data: 'mine' })
    useEffect(() => void (late = update), [update])
    return <Child update={update} />
  }
  const { unmount } = render(<Parent />, { wrapper: Provider })
  await connected()
  expect(server.puts(key).at(-1)?.[4]).toBe('from a child')
  unmount()
  await settle()
  late?.('from the grave')
  await settle()
  expect(wire()).toEqual(['enter', 'p', 'l'])
})

test('[P12] a status is put into my data, whatever data and update say, and goes with the option', async () => {
  const { now, rerender, counter, server } = await open({ data: { mood: 'calm' }, status: 'active' })
  const mine = () => now().self?.data
  expect(server.puts(key).map((row) => row[4])).toEqual([{ mood: 'calm', status: 'active' }])
  act(() => now().update({ mood: 'happy' }))
  expect(mine()).toEqual({ mood: 'happy', status: 'active' })
  counter.commits = 0
  rerender({ data: { mood: 'calm' }, status: 'idle' })
  expect(mine()).toEqual({ mood: 'happy', status: 'idle' })
  expect(counter.commits).toBe(2)
  act(() => now().update((current) => ({ ...(current as object), at: 1 })))
  expect(mine()).toEqual({ mood: 'happy', at: 1, status: 'idle' })
  rerender({ data: { mood: 'calm' } })
  expect(mine()).toEqual({ mood: 'happy', at: 1 })
  rerender({ data: { mood: 'bored' }, status: 'away' })
  expect(mine()).toEqual({ mood: 'bored', status: 'away' })
})

test('[P12] a status alone puts nothing, nor after a leave or a heartbeat; data that are no object stay what they are', async () => {
  const { server, now, rerender, clock } = await open({ status: 'active' })
  rerender({ status: 'idle' })
  expect(server.puts(key)).toEqual([])
  rerender({ data: 'text', status: 'active' })
  expect(now().self?.data).toBe('text')
  rerender({ data: ['list'], status: 'active' })
  expect(now().self?.data).toEqual(['list'])
  act(() => now().leave())
  rerender({ data: ['list'], status: 'idle' })
  expect(now().self).toBeNull()
  act(() => now().heartbeat({ a: 1 }, 5_000))
  rerender({ data: ['list'], status: 'active' })
  act(() => clock.advance(100))
  expect(server.puts(key).at(-1)?.[4]).toEqual({ a: 1 })
})

test('[P12] a status takes no data away that another component has put', async () => {
  const { client, now, rerender } = await open({ data: { mood: 'calm' }, status: 'active' })
  act(() => void client.presence(key).track({ from: 'elsewhere' }))
  rerender({ data: { mood: 'calm' }, status: 'idle' })
  expect(now().self?.data).toEqual({ from: 'elsewhere', status: 'idle' })
})

test('[P12] a status that changes while another component shows goes with both: theirs while it is there, mine after that', async () => {
  const { Provider, connected, settle, client, server, me } = scriptedClient()
  const Put = (options: PresenceOptions) => {
    usePresence(key, options)
    return null
  }
  const page = (status: string, ...others: readonly unknown[]) => [
    <Put key="mine" data={{ mood: 'calm' }} status={status} />,
    ...others.map((data, at) => <Put key={at} data={data} />),
  ]
  const shown = () => client.presence(key).value().get(me)?.data
  const { rerender } = render(page('active'), { wrapper: Provider })
  await connected()
  for (const others of [[{ field: 'title' }], [{ field: 'title' }, { field: 'text' }]]) {
    rerender(page('active', ...others))
    await settle()
    expect(shown()).toEqual(others.at(-1))
    rerender(page('idle', ...others))
    await settle()
    expect(shown()).toEqual({ ...others.at(-1), status: 'idle' })
    const before = server.puts(key).length
    rerender(page('idle', ...others))
    await settle()
    expect(server.puts(key)).toHaveLength(before)
  }
  rerender(page('idle', { field: 'title' }))
  await settle()
  expect(shown()).toEqual({ field: 'title', status: 'idle' })
  rerender(page('away', { field: 'title' }))
  await settle()
  expect(shown()).toEqual({ field: 'title', status: 'away' })
  // The other one says something new, which shows, and goes.
  rerender(page('away', { field: 'names' }))
  await settle()
  expect(shown()).toEqual({ field: 'names' })
  rerender(page('away'))
  await settle()
  expect(shown()).toEqual({ mood: 'calm', status: 'away' })
  rerender([])
  await settle()
  expect(shown()).toBeUndefined()
  expect(client.inspect().rooms[0]?.tracks ?? 0).toBe(0)
})
