import { StrictMode } from 'react'
import { act, render } from '@testing-library/react'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { scriptedClient } from './testing/scriptedClient.tsx'
import { useConnectionStatus } from './useConnectionStatus.ts'
import { useOnlineCount } from './useOnlineCount.ts'
import { useOthers } from './useOthers.ts'
import { usePresence } from './usePresence.ts'
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
