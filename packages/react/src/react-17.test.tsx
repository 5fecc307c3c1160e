/* oxlint-disable walls/imports -- as in testing/scriptedClient.tsx, which cannot be loaded with a React this old. */
import { useState, version, type ReactElement } from 'react'
import * as ReactDOM from 'react-dom'
import { act } from 'react-dom/test-utils'
import { scriptedEdges } from '@app/testkit'
import { expect, test, vi } from 'vitest'
import { Client } from '../../client/src/client.ts'
import { AvatarStack } from './components/AvatarStack.tsx'
import { ConnectionBanner } from './components/ConnectionBanner.tsx'
import { Cursors } from './components/Cursors.tsx'
import { PresenceDot } from './components/PresenceDot.tsx'
import { TypingIndicator } from './components/TypingIndicator.tsx'
import { PresenceProvider } from './PresenceProvider.tsx'
import { useConnectionStatus } from './useConnectionStatus.ts'
import { useIdle } from './useIdle.ts'
import { usePresence } from './usePresence.ts'
import { usePresenceEvents } from './usePresenceEvents.ts'

// Before React 18 a page is rendered like this; today's types no longer know it.
const legacy = ReactDOM as unknown as {
  render(element: ReactElement, container: Element): void
  unmountComponentAtNode(container: Element): boolean
}

const key = 'pr:room-1'

function Room({ mood }: { readonly mood: string }) {
  const { self, others } = usePresence<string>(key, { data: mood, status: useIdle() })
  const [last, setLast] = useState('')
  usePresenceEvents(key, { onJoin: ({ userId }) => setLast(userId) })
  return (
    <Cursors room={key}>
      <p>{`${useConnectionStatus()}: ${self?.data ?? 'nobody'}, ${others.map(({ data }) => data).join()}`}</p>
      <TypingIndicator room={key} />
      <AvatarStack room={key} max={1} title={last} />
      <PresenceDot room={key} userId="client:9" />
      <ConnectionBanner />
    </Cursors>
  )
}

test('on React 17 a room is mounted, follows, and is left when it is unmounted', async () => {
  const complain = vi.spyOn(console, 'error')
  expect(version).toMatch(/^17\./)
  const { server, ...edges } = scriptedEdges(7)
  const client = new Client({}, edges)
  const container = document.createElement('div')
  const render = (mood: string) =>
    act(() => {
      legacy.render(
        <PresenceProvider client={client}>
          <Room mood={mood} />
        </PresenceProvider>,
        container,
      )
    })
  const says = () => container.querySelector('p')?.textContent
  render('curious')
  await act(async () => {
    await server.connected()
  })
  expect(says()).toBe('connected: curious, ')
  act(() => server.put(key, 9, 'here, too'))
  expect(says()).toBe('connected: curious, here, too')
  const stack = container.querySelector<HTMLElement>('.presence-avatars')
  expect(stack?.title).toBe('client:9')
  act(() => stack?.querySelector('button')?.click())
  expect(stack?.querySelectorAll('.presence-avatars-list li')).toHaveLength(2)
  expect(container.querySelector<HTMLElement>('.presence-dot')?.dataset['state']).toBe('online')
  render('happy')
  expect(says()).toBe('connected: happy, here, too')
  act(() => void legacy.unmountComponentAtNode(container))
  await act(async () => {
    await Promise.resolve()
    edges.clock.advance(100)
  })
  const sent = (kind: string) => server.received.filter(([event]) => event === kind).length
  expect([sent('enter'), sent('p'), sent('l')]).toEqual([3, 2, 1])
  client.close()
  expect(complain).not.toHaveBeenCalled()
})
