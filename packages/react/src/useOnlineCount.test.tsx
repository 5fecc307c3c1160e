import { StrictMode } from 'react'
import { act, render, renderHook } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { countCommits } from './testing/commits.tsx'
import { scriptedClient } from './testing/scriptedClient.tsx'
import { useOnlineCount } from './useOnlineCount.ts'

const key = 'pr:room-1'

/** A component that shows a count, connected. */
async function open() {
  const scripted = scriptedClient()
  const counter = countCommits()
  const { Provider, connected } = scripted
  const rendered = renderHook(({ room }) => useOnlineCount(room), {
    initialProps: { room: key },
    wrapper: ({ children }) => <Provider>{counter.frame(children)}</Provider>,
  })
  const first = rendered.result.current
  await connected()
  counter.commits = 0
  return { ...scripted, ...rendered, counter, first }
}

test('[U2] useOnlineCount tells the users of a room without entering it, 0 until they are known', async () => {
  const { server, result, first, wire, counter } = await open()
  expect(first).toBe(0)
  act(() => server.say(['c', key, 3, 5]))
  expect(result.current).toBe(3)
  expect(counter.commits).toBe(1)
  expect(wire()).toEqual(['count'])
})

test('the same number of users again commits nothing, whatever becomes of their tabs and of the connection', async () => {
  const { server, result, counter, reconnect, wire } = await open()
  const [ada, grace] = [{ id: 'ada' }, { id: 'grace' }]
  act(() => server.put(key, 8, 'x', { user: ada }))
  act(() => server.put(key, 9, 'x', { user: grace }))
  act(() => server.count(key))
  expect(result.current).toBe(2)
  counter.commits = 0
  act(() => server.put(key, 10, 'x', { user: grace }))
  act(() => server.count(key))
  await reconnect()
  expect(result.current).toBe(2)
  expect(counter.commits).toBe(0)
  expect(wire()).toEqual(['count', 'count'])
})

test('[P11] StrictMode and a component that moves ask once; the last one that goes ends it', async () => {
  const { Provider, connected, server, clock, wire } = scriptedClient()
  function Shown() {
    return <b>{useOnlineCount(key)}</b>
  }
  const page = (inner: boolean) => (
    <StrictMode>
      <Provider>
        {inner ? (
          <p>
            <Shown />
          </p>
        ) : (
          <Shown />
        )}
      </Provider>
    </StrictMode>
  )
  const { rerender, unmount, container } = render(page(false))
  await connected()
  act(() => server.say(['c', key, 2, 2]))
  rerender(page(true))
  expect(container.textContent).toBe('2')
  act(() => clock.advance(10_000))
  expect(wire()).toEqual(['count'])
  unmount()
  act(() => clock.advance(1_000))
  expect(wire()).toEqual(['count', 'uncount'])
})

test('another room is another count', async () => {
  const { server, result, rerender, wire, clock } = await open()
  act(() => server.say(['c', key, 3, 5]))
  rerender({ room: 'pr:room-2' })
  expect(result.current).toBe(0)
  act(() => server.say(['c', 'pr:room-2', 1, 1]))
  act(() => server.say(['c', key, 4, 4]))
  expect(result.current).toBe(1)
  act(() => clock.advance(1_000))
  expect(wire()).toEqual(['count', 'count', 'uncount'])
})

test('a key that is none throws during render', () => {
  const say = vi.spyOn(console, 'error').mockImplementation(() => {})
  const { Provider } = scriptedClient()
  expect(() => renderHook(() => useOnlineCount('room-1'), { wrapper: Provider })).toThrow(
    expect.objectContaining({ code: 'bad-key' }),
  )
  say.mockRestore()
})
