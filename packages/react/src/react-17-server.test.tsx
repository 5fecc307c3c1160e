// @vitest-environment node
import { version } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { Cursors } from './components/Cursors.tsx'
import { PresenceProvider } from './PresenceProvider.tsx'
import { usePresence } from './usePresence.ts'

function Room() {
  const { status, count } = usePresence('pr:room-1', { data: 'here' })
  return <Cursors room="pr:room-1">{`${status}: ${count}`}</Cursors>
}

test('on React 17 a server renders an empty room, and nothing is complained about', () => {
  const complain = vi.spyOn(console, 'error')
  expect(version).toMatch(/^17\./)
  const html = renderToString(
    <PresenceProvider url="http://localhost:4400">
      <Room />
    </PresenceProvider>,
  )
  expect(html).toContain('loading: 0')
  expect(complain).not.toHaveBeenCalled()
})
