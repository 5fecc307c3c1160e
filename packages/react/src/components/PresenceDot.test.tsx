import { act, render } from '@testing-library/react'
import { createRef } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { PresenceProvider } from '../PresenceProvider.tsx'
import { countCommits } from '../testing/commits.tsx'
import { scriptedClient } from '../testing/scriptedClient.tsx'
import { PresenceDot, type PresenceDotProps } from './PresenceDot.tsx'

const key = 'pr:room-1'

async function openDot(props: Partial<PresenceDotProps> = {}) {
  const scripted = scriptedClient()
  const counter = countCommits()
  const { Provider, server } = scripted
  const view = render(<Provider>{counter.frame(<PresenceDot room={key} userId="ada" {...props} />)}</Provider>)
  await scripted.connected()
  counter.commits = 0
  return {
    ...view,
    ...scripted,
    counter,
    dot: view.container.firstElementChild as HTMLElement,
    puts: (clientId: number, status: string | undefined, id = 'ada') =>
      act(() => server.put(key, clientId, { status, at: Math.random() }, { user: { id } })),
  }
}

test('[U2] the dot says how a user is here, by the most active tab, and whether at all', async () => {
  const { dot, puts, server } = await openDot()
  const says = () => [dot.dataset['state'], dot.getAttribute('aria-label')]
  expect(says()).toEqual(['offline', 'Offline'])
  puts(1, 'away')
  expect(says()).toEqual(['away', 'Away'])
  puts(2, 'idle')
  expect(says()).toEqual(['idle', 'Idle'])
  puts(1, undefined)
  expect(says()).toEqual(['online', 'Online'])
  act(() => server.remove(key, 1))
  act(() => server.remove(key, 2))
  expect(says()).toEqual(['offline', 'Offline'])
  expect(dot.getAttribute('role')).toBe('img')
})

test('[P4] it is rendered only when that changes', async () => {
  const { puts, counter } = await openDot()
  puts(1, 'idle')
  puts(1, 'idle')
  puts(2, 'idle')
  puts(9, 'active', 'grace')
  expect(counter.commits).toBe(1)
})

test('a client without a user has a dot, too; the words can be replaced, and other props reach the element', async () => {
  const ref = createRef<HTMLSpanElement>()
  const more = { ref, className: 'mine', style: { color: 'red' }, id: 'x' } as object
  const { dot, server } = await openDot({ userId: 'client:9', strings: { online: 'Da' }, ...more })
  act(() => server.put(key, 9, 'x'))
  expect(dot.getAttribute('aria-label')).toBe('Da')
  expect([dot.className, dot.style.color, dot.id]).toEqual(['presence-dot mine', 'red', 'x'])
  expect(ref.current).toBe(dot)
})

test('the server renders the dot of whom it was told of', () => {
  const { client } = scriptedClient()
  const entry = { clientId: 1, data: { status: 'idle' }, joinedAtMs: 1, expiresAtMs: 9, user: { id: 'ada' } }
  const html = renderToString(
    <PresenceProvider client={client} initial={{ [key]: [entry] }}>
      <PresenceDot room={key} userId="ada" />
    </PresenceProvider>,
  )
  expect(html).toContain('data-state="idle"')
})
