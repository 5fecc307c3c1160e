import { defineRooms } from '@app/client'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { renderHook } from '@testing-library/react'
import { PresenceProvider } from './PresenceProvider.tsx'
import { scriptedClient } from './testing/scriptedClient.tsx'
import { useCursors } from './useCursors.ts'
import { useOthers } from './useOthers.ts'
import { usePresence } from './usePresence.ts'
import { useTyping } from './useTyping.ts'

/** What a hook throws, where rooms are registered. */
function thrownBy(use: () => unknown): unknown {
  const rooms = defineRooms({ 'pr:**': z.unknown() })
  try {
    renderHook(use, {
      wrapper: ({ children }) => (
        <PresenceProvider client={scriptedClient().client} rooms={rooms}>
          {children}
        </PresenceProvider>
      ),
    })
  } catch (error) {
    return error
  }
  return null
}

test('a bad key is named as it was written, not with what is kept under it', () => {
  for (const use of [() => useCursors('lounge'), () => useTyping('lounge'), () => usePresence('lounge')]) {
    const message: unknown = expect.stringMatching(/^"lounge" is no room key/)
    expect(thrownBy(use)).toMatchObject({ code: 'bad-key', message })
  }
})

test('a key that is not known yet is a bad one, and the sentence says what to do until it is', () => {
  const unknown = undefined as unknown as string
  const uses = [
    () => usePresence(unknown, { data: 'x' }),
    () => useOthers(unknown),
    () => useCursors(unknown),
    () => useTyping(null as unknown as string),
  ]
  for (const use of uses) {
    const message: unknown = expect.stringContaining('enabled: false')
    expect(thrownBy(use)).toMatchObject({ code: 'bad-key', message })
  }
  expect(thrownBy(() => usePresence(unknown, { enabled: false }))).toBeNull()
})
