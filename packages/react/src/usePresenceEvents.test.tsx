import { act, renderHook } from '@testing-library/react'
import { StrictMode } from 'react'
import { expect, test, vi } from 'vitest'
import { countCommits } from './testing/commits.tsx'
import { scriptedClient } from './testing/scriptedClient.tsx'
import { usePresenceEvents } from './usePresenceEvents.ts'

const key = 'pr:room-1'

/** A component that notes who comes and goes, in a room where Ada is. */
async function open() {
  const scripted = scriptedClient({ user: { id: 'me' } })
  const { server, client, clock, Provider } = scripted
  const counter = countCommits()
  const told: string[] = []
  const hook = renderHook(
    ({ mark }: { mark: string }) =>
      usePresenceEvents(key, {
        onJoin: ({ userId }) => told.push(`${mark}+${userId}`),
        onLeave: ({ userId, entries }) => told.push(`${mark}-${userId} ${String(entries[0]?.data)}`),
        minAbsenceMs: 5_000,
      }),
    {
      initialProps: { mark: '' },
      wrapper: ({ children }) => (
        <StrictMode>
          <Provider>{counter.frame(children)}</Provider>
        </StrictMode>
      ),
    },
  )
  server.put(key, 1, 'x', { user: { id: 'ada' } })
  await scripted.connected()
  counter.commits = 0
  return {
    ...scripted,
    ...hook,
    counter,
    told,
    puts: (clientId: number, id: string, data = 'x') => act(() => server.put(key, clientId, data, { user: { id } })),
    track: () => act(() => void client.presence(key).track('mine')),
    pass: (ms: number) => act(() => clock.advance(ms)),
  }
}

test('joins and leaves are told per user, none for who was here before, for me, or for a short absence; nothing renders', async () => {
  const { told, puts, track, pass, server, counter } = await open()
  track()
  puts(2, 'grace')
  puts(3, 'grace')
  act(() => server.remove(key, 1))
  act(() => server.remove(key, 2))
  pass(4_999)
  puts(11, 'ada')
  pass(10_000)
  expect(told).toEqual(['+grace'])
  puts(3, 'grace', 'last words')
  act(() => server.remove(key, 3))
  pass(4_999)
  expect(told).toHaveLength(1)
  pass(1)
  expect(told).toEqual(['+grace', '-grace last words'])
  expect(counter.commits).toBe(0)
})

test('the handlers of the last render are called', async () => {
  const { told, puts, rerender } = await open()
  rerender({ mark: 'new ' })
  puts(2, 'grace')
  expect(told).toEqual(['new +grace'])
})

test('[R2] a restart and a reconnect tell nothing of those who come back', async () => {
  const { told, puts, reconnect, server, clock, connected, pass } = await open()
  act(() => server.drop())
  server.put(key, 5, 'x', { user: { id: 'barbara' } })
  act(() => clock.advance(0))
  await connected()
  await reconnect()
  act(() => server.restart('epoch-2'))
  act(() => clock.advance(0))
  await connected()
  pass(6_000)
  puts(1, 'ada')
  pass(60_000)
  expect(told).toEqual([])
  puts(2, 'grace')
  expect(told).toEqual(['+grace'])
})

test('a component that goes leaves no timer, and hears no more', async () => {
  const { told, puts, pass, clock, server, unmount, settle } = await open()
  await settle()
  act(() => server.remove(key, 1))
  unmount()
  await settle()
  puts(2, 'grace')
  pass(1_000)
  // What still waits is the client's own.
  expect(clock.dueAtMs - clock.monotonicMs()).toBeGreaterThan(5_000)
  expect(told).toEqual([])
})

test('[P10] a handler that throws keeps nobody from being told, and its error surfaces in a turn of its own', async () => {
  const { server, clock, connected, Provider } = scriptedClient()
  const surfaced: string[] = []
  vi.stubGlobal('reportError', (error: unknown) => surfaced.push(String(error)))
  const told: string[] = []
  const onLeave = ({ userId }: { readonly userId: string }) => {
    told.push(userId)
    throw new Error(userId)
  }
  renderHook(() => usePresenceEvents(key, { onLeave }), { wrapper: Provider })
  server.put(key, 1, 'x', { user: { id: 'ada' } })
  server.put(key, 2, 'x', { user: { id: 'grace' } })
  await connected()
  server.remove(key, 1)
  server.remove(key, 2)
  clock.advance(10_000)
  expect(told).toEqual(['grace', 'ada'])
  await vi.waitFor(() => expect(surfaced).toEqual(['Error: grace', 'Error: ada']))
  vi.unstubAllGlobals()
})
