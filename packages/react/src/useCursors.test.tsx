import { act, render } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { scriptedClient } from './testing/scriptedClient.tsx'
import type { LiveCursor } from './cursorList.ts'
import { useCursors, type CursorsOptions, type CursorsResult } from './useCursors.ts'

const key = 'pr:board/cursors'

beforeEach(() => {
  vi.useFakeTimers()
  const rect = { left: 0, top: 0, width: 100, height: 100 } as DOMRect
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(rect)
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A board made with the hook, connected; every result of the hook is kept. */
async function openBoard(options: CursorsOptions = {}) {
  const scripted = scriptedClient()
  const { Provider, server } = scripted
  const results: Omit<CursorsResult, 'ref'>[] = []
  const containerRefs = new Set<unknown>()
  function Board(props: CursorsOptions) {
    const { bind, ref: container, cursors } = useCursors('pr:board', props)
    results.push({ bind, cursors })
    return (
      <div
        {...bind}
        ref={(element) => {
          containerRefs.add(container)
          container(element)
        }}
      >
        {cursors.map(({ clientId, ref }) => (
          <i key={clientId} ref={ref} data-client-id={clientId} />
        ))}
      </div>
    )
  }
  const board = (props: CursorsOptions) => (
    <Provider>
      <Board {...props} />
    </Provider>
  )
  const view = render(board(options))
  await scripted.connected()
  return {
    ...view,
    ...scripted,
    results,
    containerRefs,
    cursors: () => results.at(-1)?.cursors ?? [],
    put: (clientId: number, x: number, name = 'Ada') =>
      act(() => server.put(key, clientId, { x, y: 0 }, { user: { id: String(clientId), name } })),
    pass: (ms: number) => act(() => void vi.advanceTimersByTime(ms)),
    update: (props: CursorsOptions) => view.rerender(board(props)),
    cursor: (clientId: number) => view.container.querySelector<HTMLElement>(`[data-client-id="${clientId}"]`),
  }
}

test('cursors keep their identity while nobody comes, goes or changes user', async () => {
  const { server, results, cursors, put, pass } = await openBoard()
  put(9, 0)
  put(10, 0)
  const [before, renders] = [cursors(), results.length]

  put(9, 1)
  pass(500)
  expect(results).toHaveLength(renders)

  put(9, 1, 'Ada L.')
  const after = cursors()
  expect(results).toHaveLength(renders + 1)
  expect(after[0]?.user?.name).toBe('Ada L.')
  expect(after[0]?.ref).toBe(before[0]?.ref)
  expect(after[1]).toBe(before[1])

  act(() => server.remove(key, 9))
  expect(cursors()).toEqual([before[1]])
})

test('bind and ref are the same in every render', async () => {
  const { update, results, containerRefs } = await openBoard()
  update({})
  update({ share: false })
  expect(new Set(results.map(({ bind }) => bind)).size).toBe(1)
  expect(containerRefs.size).toBe(1)
})

test('live gives positions, and renders at most once a frame', async () => {
  const { results, cursors, put, pass } = await openBoard({ live: true })
  const x = () => (cursors()[0] as LiveCursor).x
  put(9, 0)
  pass(100)
  const renders = results.length
  for (let i = 1; i <= 10; i++) {
    put(9, i / 20)
    put(9, i / 10)
    pass(16)
  }
  expect(results.length - renders).toBeLessThanOrEqual(10)
  expect(x()).toBeGreaterThan(0.1)
  pass(500)
  expect(x()).toBe(1)
  const atRest = results.length
  pass(500)
  expect(results).toHaveLength(atRest)
})

test('another mapping puts every cursor elsewhere at once: the board was panned', async () => {
  const panned = (by: number) => ({
    toLocal: ({ x, y }: { x: number; y: number }) => ({ x: x - by, y }),
    fromLocal: ({ x, y }: { x: number; y: number }) => ({ x: x + by, y }),
  })
  const { cursor, put, update } = await openBoard({ mapping: panned(0) })
  put(9, 30)
  expect(cursor(9)?.style.transform).toBe('translate(30px, 0px)')
  update({ mapping: panned(25) })
  expect(cursor(9)?.style.transform).toBe('translate(55px, 0px)')
})

test('a cursor that has not moved for five seconds is idle, at no render and by one timer, until it moves again', async () => {
  const { put, pass, cursor, results } = await openBoard()
  put(8, 0.1)
  put(9, 0.1)
  const rendered = results.length
  const states = () => [8, 9].map((clientId) => cursor(clientId)?.getAttribute('data-state'))
  pass(3_000)
  put(9, 0.2)
  pass(1_999)
  expect(states()).toEqual(['active', 'active'])
  pass(1)
  expect(states()).toEqual(['idle', 'active'])
  pass(3_000)
  expect(states()).toEqual(['idle', 'idle'])
  expect(vi.getTimerCount()).toBe(0)
  put(8, 0.3)
  pass(100)
  expect(states()).toEqual(['active', 'idle'])
  expect(results.length).toBe(rendered)
})

test('in pixels a cursor is as far from the corner as it was put', async () => {
  const { put, pass, cursor, update } = await openBoard({ space: 'pixel' })
  put(8, 42)
  pass(100)
  expect(cursor(8)?.style.transform).toBe('translate(42px, 0px)')
  update({ space: 'fraction' })
  put(8, 0.5)
  pass(1_000)
  expect(cursor(8)?.style.transform).toBe('translate(50px, 0px)')
})
