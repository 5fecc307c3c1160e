import { act, fireEvent, render } from '@testing-library/react'
import type { PresenceUser } from '@app/client'
import { createRef, StrictMode, type ComponentProps } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { countCommits } from '../testing/commits.tsx'
import { scriptedClient } from '../testing/scriptedClient.tsx'
import { Cursors } from './Cursors.tsx'

const key = 'pr:board/cursors'
const ada: PresenceUser = { id: 'ada', name: 'Ada', color: '#036' }

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue({
    left: 0,
    top: 0,
    width: 1_000,
    height: 500,
  } as DOMRect)
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** A board that is connected, with a server played by hand. */
async function openBoard(props: Partial<ComponentProps<typeof Cursors>> = {}) {
  const scripted = scriptedClient({ user: { id: 'me' } })
  const { server, clock, Provider } = scripted
  const counter = countCommits()
  const board = (more: Partial<ComponentProps<typeof Cursors>> = {}) => (
    <StrictMode>
      <Provider>{counter.frame(<Cursors room="pr:board" data-testid="board" {...props} {...more} />)}</Provider>
    </StrictMode>
  )
  const view = render(board())
  await scripted.connected()
  const container = view.getByTestId('board')
  return {
    ...view,
    ...scripted,
    counter,
    container,
    cursorOf: (clientId: number) => container.querySelector<HTMLElement>(`[data-client-id="${clientId}"]`),
    update: (more: Partial<ComponentProps<typeof Cursors>>) => view.rerender(board(more)),
    /** A peer's cursor. */
    move: (clientId: number, x: number, y: number, user = ada) => server.put(key, clientId, { x, y }, { user }),
    /** My pointer. */
    point: (clientX: number, clientY = 1) => fireEvent.pointerMove(container, { clientX, clientY }),
    puts: () => server.puts(key).map((row) => row[4]),
    leaves: () => server.sent('l').length,
    /** Lets time go by, for the client and for the page. */
    pass: (ms: number) => {
      clock.advance(ms)
      vi.advanceTimersByTime(ms)
    },
  }
}

test('a thousand moves cost no React commit, and the cursor is where the last one put it', async () => {
  const { move, cursorOf, counter, pass } = await openBoard()
  act(() => move(9, 0, 0))
  counter.commits = 0
  for (let i = 1; i <= 1_000; i++) {
    move(9, i / 1_000, 0.5)
    pass(33)
  }
  pass(200)
  expect(counter.commits).toBe(0)
  expect(cursorOf(9)?.style.transform).toBe('translate(1000px, 250px)')
})

test('between two updates a cursor glides, and comes to rest; then no frame is asked for', async () => {
  const { move, cursorOf, pass } = await openBoard()
  act(() => move(9, 0, 0))
  pass(100)
  move(9, 1, 0)
  pass(32)
  const x = Number(/translate\((.+?)px/.exec(cursorOf(9)?.style.transform ?? '')?.[1])
  expect(x).toBeGreaterThan(100)
  expect(x).toBeLessThan(900)
  pass(200)
  expect(cursorOf(9)?.style.transform).toBe('translate(1000px, 0px)')
  const asked = vi.spyOn(globalThis, 'requestAnimationFrame')
  pass(1_000)
  expect(asked).not.toHaveBeenCalled()
})

test('with reduced motion a cursor jumps', async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: true }))
  const { move, cursorOf, pass } = await openBoard()
  act(() => move(9, 0, 0))
  pass(100)
  move(9, 1, 0)
  pass(16)
  expect(cursorOf(9)?.style.transform).toBe('translate(1000px, 0px)')
})

test('a cursor that rests is drawn in its place when the component mounts later, before any frame', async () => {
  const { server, client, move, unmount, Provider } = await openBoard()
  client.presence(key).onChange(() => {})
  act(() => move(9, 0.5, 0.5))
  unmount()
  server.received.length = 0
  const view = render(
    <Provider>
      <Cursors room="pr:board" />
    </Provider>,
  )
  const cursor = view.container.querySelector<HTMLElement>('[data-client-id="9"]')
  expect(cursor?.style.transform).toBe('translate(500px, 250px)')
  expect(server.received).toEqual([])
})

test("[U2] my own cursor is not shown, those of the user's other tabs are", async () => {
  const { me, point, move, cursorOf } = await openBoard()
  point(10)
  act(() => move(9, 0, 0, { id: 'me' }))
  expect(cursorOf(me)).toBeNull()
  expect(cursorOf(9)).not.toBeNull()
})

test('the pointer is sent as fractions of the container, first at once and then at the pace of the client', async () => {
  const { point, puts, pass } = await openBoard()
  point(250, 250)
  expect(puts()).toEqual([{ x: 0.25, y: 0.5 }])
  for (let x = 251; x <= 260; x++) point(x, 1 / 3)
  expect(puts()).toHaveLength(1)
  pass(33)
  expect(puts().slice(1)).toEqual([{ x: 0.26, y: 0.0007 }])
})

test("the caller's handlers still run", async () => {
  const handlers = {
    onPointerMove: vi.fn<() => void>(),
    onPointerLeave: vi.fn<() => void>(),
    onClick: vi.fn<() => void>(),
  }
  const { container, point, puts, leaves } = await openBoard(handlers)
  point(10)
  fireEvent.pointerOut(container, { relatedTarget: document.body })
  fireEvent.click(container)
  for (const handler of Object.values(handlers)) expect(handler).toHaveBeenCalledOnce()
  expect(puts()).toHaveLength(1)
  expect(leaves()).toBe(1)
})

test('leaving, a blurred window and a hidden page end my cursor, and nothing is sent while the page is hidden', async () => {
  const { container, point, puts, leaves, pass } = await openBoard()
  point(1)
  fireEvent.pointerOut(container, { relatedTarget: document.body })
  expect(leaves()).toBe(1)

  pass(50)
  point(2)
  fireEvent.blur(window)
  expect(leaves()).toBe(2)

  pass(50)
  point(3)
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  fireEvent(document, new Event('visibilitychange'))
  expect(leaves()).toBe(3)
  point(4)
  pass(1_000)
  expect(puts()).toHaveLength(3)

  hidden.mockReturnValue(false)
  point(5)
  expect(puts()).toHaveLength(4)
})

test('[P11] the component that unmounts takes its cursor with it; another room is another entry', async () => {
  const { server, point, puts, leaves, update, unmount, pass } = await openBoard()
  point(1)
  update({ room: 'pr:other' })
  expect(leaves()).toBe(1)
  pass(50)
  point(2)
  expect(puts()).toHaveLength(1)
  expect(server.puts('pr:other/cursors')).toHaveLength(1)
  unmount()
  expect(leaves()).toBe(2)
})

test('a finger that lifts keeps its cursor for a second, and of several fingers only the first counts', async () => {
  const { container, puts, leaves, pass } = await openBoard()
  const touch = { pointerType: 'touch', clientX: 1, clientY: 1 }
  fireEvent.pointerDown(container, { ...touch, isPrimary: true })
  fireEvent.pointerMove(container, { ...touch, isPrimary: false, clientX: 900 })
  pass(50)
  fireEvent.pointerOut(container, { ...touch, relatedTarget: document.body })
  pass(900)
  expect(leaves()).toBe(0)
  pass(100)
  expect(leaves()).toBe(1)
  expect(puts()).toHaveLength(1)
})

test('who may not show a cursor here tries again after a while, not with every move', async () => {
  const { server, client, point, puts, pass } = await openBoard()
  client.onError(() => {})
  server.answers = false
  point(1)
  const n = server.puts(key)[0]?.[1] ?? 0
  server.refuse({ event: 'p', code: 'not-allowed', message: 'no', canRetry: false, room: key, n })
  for (let x = 2; x < 50; x++) {
    point(x)
    pass(50)
  }
  expect(puts()).toHaveLength(1)
  pass(5_000)
  point(99)
  expect(puts()).toHaveLength(2)
})

test('who does not share sends nothing and still sees the others', async () => {
  const { point, move, cursorOf, puts } = await openBoard({ share: false })
  point(1)
  act(() => move(9, 0, 0))
  expect(puts()).toEqual([])
  expect(cursorOf(9)).not.toBeNull()
})

test('an entry that holds no position is no cursor', async () => {
  const { server, container } = await openBoard()
  act(() => server.put(key, 9, null))
  act(() => server.put(key, 10, { x: 'left' }))
  expect(container.querySelectorAll('[data-client-id]')).toHaveLength(0)
})

test('the label carries the name on the colour of the user, and the layer lets the pointer through', async () => {
  const { move, cursorOf, container } = await openBoard()
  act(() => move(9, 0, 0))
  const label = cursorOf(9)?.querySelector('span')
  expect(label?.textContent).toBe('Ada')
  expect(label?.style.backgroundColor).toBe('rgb(0, 51, 102)')
  const layer = container.querySelector<HTMLElement>('.presence-cursors-layer')
  expect(layer?.style.pointerEvents).toBe('none')
  expect(layer?.getAttribute('aria-hidden')).toBe('true')
})

test('near an edge the cursor says so, for its label to go to the other side', async () => {
  const { move, cursorOf } = await openBoard()
  act(() => move(9, 0.5, 0.5))
  expect(cursorOf(9)?.dataset.edge).toBeUndefined()
  act(() => move(10, 0.99, 0.99))
  expect(cursorOf(10)?.dataset.edge).toBe('right bottom')
})

test('a cursor of your own gets its user and colours; ref, class, style and other props reach the container', async () => {
  const ref = createRef<HTMLDivElement>()
  const { move, cursorOf, container } = await openBoard({
    ref,
    className: 'mine',
    style: { height: 7 },
    id: 'x',
    renderCursor: ({ user, color }) => <b style={{ color }}>{user?.name}!</b>,
  })
  act(() => move(9, 0, 0))
  expect(cursorOf(9)?.innerHTML).toBe('<b style="color: rgb(0, 51, 102);">Ada!</b>')
  expect(ref.current).toBe(container)
  expect(container.className).toBe('presence-cursors mine')
  expect(container.style.height).toBe('7px')
  expect(container.id).toBe('x')
})
