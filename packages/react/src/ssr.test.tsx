import { StrictMode } from 'react'
import { act, render } from '@testing-library/react'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import type { PresenceClient } from '@app/client'
import { AvatarStack } from './components/AvatarStack.tsx'
import { ConnectionBanner } from './components/ConnectionBanner.tsx'
import { PresenceDot } from './components/PresenceDot.tsx'
import { PresenceProvider } from './PresenceProvider.tsx'
import { scriptedClient } from './testing/scriptedClient.tsx'
import { useConnectionStatus } from './useConnectionStatus.ts'
import { useIdle } from './useIdle.ts'
import { useOnlineCount } from './useOnlineCount.ts'
import { useOthers } from './useOthers.ts'
import { usePresence } from './usePresence.ts'
import { usePresenceEvents } from './usePresenceEvents.ts'
import { useSelf } from './useSelf.ts'
import { useUpdatePresence } from './useUpdatePresence.ts'

const key = 'pr:room-1'

function Page() {
  const { online, count, status } = usePresence(key, { data: 'x' })
  const others = useOthers(key, (everyone) => everyone.length)
  const self = useSelf(key)
  useUpdatePresence(key)
  const counted = useOnlineCount(key)
  const told = [online.length, count, counted, status, others, self?.data ?? null, useConnectionStatus()]
  return <p>{JSON.stringify(told)}</p>
}

test('[P11] the server renders an empty room and connects nothing; hydration warns of nothing, and then the room fills', async () => {
  const say = vi.spyOn(console, 'error')
  const warn = vi.spyOn(console, 'warn')
  const onServer = scriptedClient()
  const container = document.createElement('div')
  document.body.append(container)
  container.innerHTML = renderToString(
    <onServer.Provider>
      <Page />
    </onServer.Provider>,
  )
  expect(container.textContent).toBe('[0,0,0,"loading",0,null,"idle"]')
  expect(onServer.client.status).toBe('idle')
  expect(onServer.client.inspect().rooms).toEqual([])

  // The browser's client knows the room already: hydration must not show it too early.
  const { Provider, client, server, connected, wire } = scriptedClient()
  client.presence(key).onChange(() => {})
  client.count(key).onChange(() => {})
  await connected()
  act(() => server.put(key, 9, 'x'))
  act(() => server.count(key))
  render(
    <StrictMode>
      <Provider>
        <Page />
      </Provider>
    </StrictMode>,
    { container, hydrate: true },
  )
  expect(container.textContent).toBe('[2,2,1,"live",1,"x","connected"]')
  expect(wire()).toEqual(['enter', 'count', 'p'])
  expect(say).not.toHaveBeenCalled()
  expect(warn).not.toHaveBeenCalled()
})

test('[P9] the first HTML shows who the server said is here, and so does the page until it has heard of the room', async () => {
  const say = vi.spyOn(console, 'error')
  const names = z.object({ name: z.string().transform((name) => name.toUpperCase()) })
  const entry = (clientId: number, data: unknown, id?: string) => ({
    ...{ clientId, data, joinedAtMs: clientId, expiresAtMs: 60_000 },
    ...(id === undefined ? {} : { user: { id } }),
  })
  const initial = {
    [key]: [entry(8, { name: 'ada' }, 'ada'), entry(9, { name: 'grace' }), entry(10, 'no name', 'ada')],
  }
  function Names() {
    const { others, self, count, status } = usePresence(key, { schema: names, data: { name: 'me' } })
    const told = [status, others.map(({ data }) => data.name), self?.data.name ?? null, count, useOnlineCount(key)]
    return <p>{JSON.stringify(told)}</p>
  }
  const page = (client: PresenceClient) => (
    <StrictMode>
      <PresenceProvider client={client} initial={initial}>
        <Names />
      </PresenceProvider>
    </StrictMode>
  )
  const container = document.createElement('div')
  document.body.append(container)
  container.innerHTML = renderToString(page(scriptedClient().client))
  expect(container.textContent).toBe('["loading",["ADA","GRACE"],null,2,2]')

  const { client, server, connected } = scriptedClient()
  const { rerender } = render(page(client), { container, hydrate: true })
  expect(container.textContent).toBe('["loading",["ADA","GRACE"],"ME",3,2]')
  const { innerHTML } = container
  rerender(page(client))
  expect(container.innerHTML).toBe(innerHTML)
  await connected()
  act(() => server.put(key, 9, { name: 'grace' }))
  act(() => server.count(key))
  expect(container.textContent).toBe('["live",["GRACE"],"ME",2,2]')
  expect(say).not.toHaveBeenCalled()
})

test('[U2] faces and dots of the first HTML hydrate without a warning, whatever the client already knows', async () => {
  const say = vi.spyOn(console, 'error').mockClear()
  const initial = {
    [key]: [{ clientId: 8, data: 1, joinedAtMs: 8, expiresAtMs: 60_000, user: { id: 'ada', name: 'Ada' } }],
  }
  const joined: string[] = []
  function People() {
    usePresenceEvents(key, { onJoin: ({ userId }) => joined.push(userId) })
    return (
      <section title={useIdle()}>
        <PresenceDot room={key} userId="ada" />
        <ConnectionBanner />
        <AvatarStack room={key} max={1} />
      </section>
    )
  }
  const page = (client: PresenceClient) => (
    <StrictMode>
      <PresenceProvider client={client} initial={initial}>
        <People />
      </PresenceProvider>
    </StrictMode>
  )
  const container = document.createElement('div')
  document.body.append(container)
  container.innerHTML = renderToString(page(scriptedClient().client))
  const dot = () => container.querySelector<HTMLElement>('.presence-dot')?.dataset['state']
  expect(dot()).toBe('online')
  expect(container.querySelector('[role="img"][title]')?.getAttribute('aria-label')).toBe('Ada')

  const { client, server, connected } = scriptedClient()
  client.presence(key).onChange(() => {})
  client.connect()
  await connected()
  act(() => server.put(key, 9, 'x'))
  act(() => server.put(key, 10, 'x'))
  render(page(client), { container, hydrate: true })
  expect(dot()).toBe('offline')
  expect(container.querySelector('button')?.textContent).toBe('+1')
  expect(joined).toEqual([])
  expect(say).not.toHaveBeenCalled()
})
