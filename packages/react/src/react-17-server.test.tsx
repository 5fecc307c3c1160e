// @vitest-environment node
import { version } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { AvatarStack } from './components/AvatarStack.tsx'
import { ConnectionBanner } from './components/ConnectionBanner.tsx'
import { Cursors } from './components/Cursors.tsx'
import { PresenceDot } from './components/PresenceDot.tsx'
import { PresenceProvider } from './PresenceProvider.tsx'
import { useIdle } from './useIdle.ts'
import { usePresence } from './usePresence.ts'
import { usePresenceEvents } from './usePresenceEvents.ts'

function Room() {
  const { status, count } = usePresence('pr:room-1', { data: 'here' })
  usePresenceEvents('pr:room-1', {})
  return (
    <Cursors room="pr:room-1">
      {`${status}: ${count}, ${useIdle()}`}
      <AvatarStack room="pr:room-1" />
      <PresenceDot room="pr:room-1" userId="ada" />
      <ConnectionBanner />
    </Cursors>
  )
}

test('on React 17 a server renders an empty room, and nothing is complained about', () => {
  const complain = vi.spyOn(console, 'error')
  expect(version).toMatch(/^17\./)
  const html = renderToString(
    <PresenceProvider url="http://localhost:4400">
      <Room />
    </PresenceProvider>,
  )
  expect(html).toContain('loading: 0, active')
  expect(html).toContain('data-state="offline"')
  expect(complain).not.toHaveBeenCalled()
})
