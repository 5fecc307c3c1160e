import { act, fireEvent, render } from '@testing-library/react'
import { StrictMode, useEffect } from 'react'
import { expect, test } from 'vitest'
import { PresenceProvider } from './PresenceProvider.tsx'
import { scriptedClient } from './testing/scriptedClient.tsx'
import { useCursors } from './useCursors.ts'
import { useOnlineCount } from './useOnlineCount.ts'
import { usePresence, type PresenceOptions, type RoomPresence } from './usePresence.ts'
import { useTyping } from './useTyping.ts'
import { useUpdatePresence } from './useUpdatePresence.ts'

const key = 'pr:room-1'

/** A page that shows me in all ways, seen or unseen. */
async function openPage(isInvisible: boolean) {
  const scripted = scriptedClient({ user: { id: 'me' } })
  const { client, server } = scripted
  type Mine = RoomPresence<{ mood: string }, { mood: string }, { mood: string } | undefined>
  const hooks: { mine?: Mine; update?: (data: unknown) => void } = {}
  function Page({ mood }: { readonly mood: string }) {
    const mine = usePresence<{ mood: string }>(key, { data: { mood } })
    const update = useUpdatePresence('pr:other')
    useEffect(() => void Object.assign(hooks, { mine, update }))
    const { bind } = useCursors(key)
    const { inputProps } = useTyping(key)
    return (
      <div {...bind} data-testid="board">
        <input {...inputProps} />
        <output>{useOnlineCount(key)}</output>
      </div>
    )
  }
  const page = (invisible: boolean, mood = 'calm') => (
    <StrictMode>
      <PresenceProvider client={client} invisible={invisible}>
        <Page mood={mood} />
      </PresenceProvider>
    </StrictMode>
  )
  const view = render(page(isInvisible))
  await scripted.connected()
  await scripted.settle()
  return {
    ...scripted,
    ...view,
    mine: () => hooks.mine!,
    update: (data: unknown) => act(() => hooks.update?.(data)),
    show: async (invisible: boolean, mood?: string) => {
      view.rerender(page(invisible, mood))
      await scripted.settle()
    },
    use: async () => {
      fireEvent.pointerMove(view.getByTestId('board'), { clientX: 1, clientY: 1 })
      fireEvent.input(view.getByRole('textbox'))
      await scripted.settle()
    },
    puts: () =>
      [key, 'pr:other', `${key}/cursors`, `${key}/typing`].map((each) => server.puts(each).map((row) => row[4])),
    left: () => server.sent('l').length,
  }
}

test('who is invisible puts nothing of theirs anywhere, and still sees', async () => {
  const { use, update, puts, left, mine, server, show } = await openPage(true)
  await use()
  update('x')
  act(() => mine().update({ mood: 'curious' }))
  act(() => mine().heartbeat({ mood: 'brief' }, 5_000))
  await show(true, 'happy')
  act(() => server.put(key, 9, { mood: 'there' }))
  expect(mine().others.map(({ data }) => data.mood)).toEqual(['there'])
  expect(mine().self).toBeNull()
  expect(puts()).toEqual([[], [], [], []])
  expect(left()).toBe(0)
})

test('becoming invisible takes what is mine away; visible again, it is there as it would be now', async () => {
  const { use, update, puts, left, mine, server, show } = await openPage(false)
  await use()
  update('x')
  expect(puts()).toEqual([[{ mood: 'calm' }], ['x'], [expect.anything()], [true]])
  await show(true)
  expect(left()).toBe(4)
  act(() => mine().update((current) => ({ mood: `${current?.mood}, unseen` })))
  await use()
  await show(true)
  server.received.length = 0
  await show(false)
  expect(puts()).toEqual([[{ mood: 'calm, unseen' }], ['x'], [], []])
  expect(mine().self?.data).toEqual({ mood: 'calm, unseen' })
  await use()
  expect(puts().slice(2)).toEqual([[expect.anything()], [true]])
})

test('a heartbeat is taken away, too, and a leave while invisible holds', async () => {
  const { mine, show, puts, server, me } = await openPage(false)
  act(() => mine().heartbeat({ mood: 'brief' }, 60_000))
  await show(true)
  expect(mine().self).toBeNull()
  await show(false)
  expect(mine().self).toBeNull()
  act(() => mine().update({ mood: 'back' }))
  await show(true)
  act(() => mine().leave())
  server.received.length = 0
  await show(false)
  expect(puts()[0]).toEqual([])
  expect(mine().entries.has(me)).toBe(false)
})

test('[U2] who is invisible is not counted', async () => {
  const { container, server, show } = await openPage(false)
  const counted = () => {
    act(() => server.count(key))
    return container.querySelector('output')?.textContent
  }
  expect(counted()).toBe('1')
  await show(true)
  expect(counted()).toBe('0')
})

test('[P12] visible again and idle at once, each component has its own data back', async () => {
  const { client, connected, settle, me } = scriptedClient()
  const Put = (options: PresenceOptions) => {
    usePresence(key, options)
    return null
  }
  const page = (invisible: boolean, status: string, isThere = true) => (
    <PresenceProvider client={client} invisible={invisible}>
      {isThere && <Put data={{ field: 'title' }} />}
      <Put data={{ mood: 'calm' }} status={status} />
    </PresenceProvider>
  )
  const view = render(page(false, 'active'))
  await connected()
  view.rerender(page(true, 'active'))
  await settle()
  view.rerender(page(false, 'idle'))
  await settle()
  view.rerender(page(false, 'idle', false))
  await settle()
  expect(client.presence(key).value().get(me)?.data).toEqual({ mood: 'calm', status: 'idle' })
})
