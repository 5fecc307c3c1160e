import { act, fireEvent, render } from '@testing-library/react'
import { useState, type ReactNode } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { countCommits } from '../testing/commits.tsx'
import { scriptedClient } from '../testing/scriptedClient.tsx'
import { Cursors } from './Cursors.tsx'

const key = 'pr:board/cursors'

beforeEach(() => {
  vi.useFakeTimers()
  // Nothing is laid out here: an element says itself where it is, and what says nothing is the container.
  vi.spyOn(Element.prototype, 'getBoundingClientRect').mockImplementation(function (this: Element) {
    const [left = 0, top = 0, width = 1_000, height = 500] = (this.getAttribute('data-at') ?? '')
      .split(' ')
      .filter(Boolean)
      .map(Number)
    return { left, top, width, height } as DOMRect
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A board with something on it, connected, and a peer who is 9. */
async function openBoard(content: ReactNode) {
  const scripted = scriptedClient({ user: { id: 'me' } })
  const { server, clock, Provider } = scripted
  const counter = countCommits()
  const view = render(
    <Provider>
      {counter.frame(
        <Cursors room="pr:board" data-testid="board">
          {content}
        </Cursors>,
      )}
    </Provider>,
  )
  await scripted.connected()
  const pass = (ms: number) => {
    clock.advance(ms)
    vi.advanceTimersByTime(ms)
  }
  const mark = () => view.getByTestId('board').querySelector<HTMLElement>('[data-client-id="9"]')
  return {
    ...view,
    server,
    counter,
    pass,
    point: (testId: string, clientX: number, clientY: number) => {
      pass(50)
      fireEvent.pointerMove(view.getByTestId(testId), { clientX, clientY })
    },
    lastPut: () => server.puts(key).at(-1)?.[4],
    put: (data: unknown) => server.put(key, 9, data),
    move: (data: unknown) => {
      server.put(key, 9, data)
      pass(1_000)
    },
    place: () => mark()?.style.transform,
    state: () => mark()?.dataset['state'],
    visibility: () => mark()?.style.visibility,
  }
}

const cards = (
  <ul data-presence-anchor="list" data-at="100 100 400 400">
    <li data-testid="card" data-presence-anchor="card-1" data-at="200 100 200 100">
      <b data-testid="title">Title</b>
    </li>
    <li data-testid="gap">no anchor of its own</li>
    <li data-testid="empty" data-presence-anchor="empty" data-at="0 0 0 0" />
  </ul>
)

test('over an anchor my position is relative to the innermost one, elsewhere to the container', async () => {
  const { point, lastPut } = await openBoard(cards)
  point('title', 250, 125)
  expect(lastPut()).toEqual({ x: 0.25, y: 0.25, anchor: 'card-1' })
  point('gap', 300, 200)
  expect(lastPut()).toEqual({ x: 0.5, y: 0.25, anchor: 'list' })
  point('empty', 300, 200)
  expect(lastPut()).toEqual({ x: 0.3, y: 0.4 })
  point('board', 300, 200)
  expect(lastPut()).toEqual({ x: 0.3, y: 0.4 })
})

test('an anchor around the board, or the board itself, is none of it', async () => {
  const { container, point, lastPut } = await openBoard(<i data-testid="in" />)
  container.setAttribute('data-presence-anchor', 'page')
  point('in', 300, 200)
  expect(lastPut()).toEqual({ x: 0.3, y: 0.4 })
  container.querySelector('[data-testid="board"]')?.setAttribute('data-presence-anchor', 'board')
  point('in', 400, 200)
  expect(lastPut()).toEqual({ x: 0.4, y: 0.4 })
})

test("a peer's cursor is over the same anchor here, wherever that is and goes, at no commit", async () => {
  const { move, place, counter, getByTestId, pass } = await openBoard(cards)
  act(() => move({ x: 0.5, y: 0.5, anchor: 'card-1' }))
  expect(place()).toBe('translate(300px, 150px)')
  counter.commits = 0
  getByTestId('card').setAttribute('data-at', '200 0 200 100')
  fireEvent.scroll(getByTestId('gap').parentElement as Element)
  expect(place()).toBe('translate(300px, 50px)')

  getByTestId('card').setAttribute('data-at', '600 0 200 100')
  getByTestId('gap').append('more')
  await act(async () => pass(0))
  expect(place()).toBe('translate(700px, 50px)')
  for (let i = 0; i < 1_000; i++) move({ x: (i % 100) / 100, y: 0, anchor: i % 2 ? 'card-1' : 'list' })
  expect(counter.commits).toBe(0)
})

test('within an anchor a cursor glides, to another one it jumps', async () => {
  const { move, put, place, pass } = await openBoard(cards)
  act(() => move({ x: 0, y: 0, anchor: 'card-1' }))
  put({ x: 1, y: 0, anchor: 'card-1' })
  pass(32)
  const x = Number(/\((.+?)px/.exec(place() ?? '')?.[1])
  expect(x).toBeGreaterThan(200)
  expect(x).toBeLessThan(400)
  put({ x: 0, y: 0, anchor: 'list' })
  pass(16)
  expect(place()).toBe('translate(100px, 100px)')
})

test('a cursor whose anchor is not on this page, or has no size, is hidden until it is there', async () => {
  function Page() {
    const [isOpen, setOpen] = useState(false)
    return (
      <>
        <button data-testid="open" onClick={() => setOpen(true)} />
        {isOpen && <p data-presence-anchor="later" data-at="10 20 100 100" />}
        <p data-presence-anchor="empty" data-at="0 0 0 0" />
      </>
    )
  }
  const { move, place, state, visibility, getByTestId, pass } = await openBoard(<Page />)
  act(() => move({ x: 0.5, y: 0.5, anchor: 'later' }))
  expect([state(), visibility()]).toEqual(['hidden', 'hidden'])
  fireEvent.click(getByTestId('open'))
  await act(async () => pass(0))
  expect([state(), visibility(), place()]).toEqual(['active', '', 'translate(60px, 70px)'])
  act(() => move({ x: 0.5, y: 0.5, anchor: 'empty' }))
  expect(state()).toBe('hidden')
})

test('an element that is used again for another anchor is that anchor', async () => {
  const { move, place, state, getByTestId } = await openBoard(cards)
  act(() => move({ x: 0, y: 0, anchor: 'card-1' }))
  getByTestId('card').setAttribute('data-presence-anchor', 'card-2')
  act(() => move({ x: 0.1, y: 0, anchor: 'card-1' }))
  expect(state()).toBe('hidden')
  act(() => move({ x: 0, y: 0, anchor: 'card-2' }))
  expect(place()).toBe('translate(200px, 100px)')
})

test.each(['"]', '\\', 'a\nb', '', '*', "'", ' ', '\u{d800}', 'card-1"],[data-at="'])(
  'an anchor called %j is one like any other, and where there is none of that name it disturbs nothing',
  async (name) => {
    const { move, state, getByTestId } = await openBoard(cards)
    act(() => move({ x: 0, y: 0, anchor: name }))
    expect(state()).toBe('hidden')
    getByTestId('card').setAttribute('data-presence-anchor', name)
    act(() => move({ x: 0.1, y: 0, anchor: name }))
    expect(state()).toBe('active')
  },
)

test('without anchors nothing is looked for and nothing is listened to', async () => {
  const { move, place, getByTestId } = await openBoard(cards)
  const listen = vi.spyOn(getByTestId('board'), 'addEventListener')
  const search = vi.spyOn(Element.prototype, 'querySelectorAll')
  act(() => move({ x: 0.5, y: 0.5 }))
  expect(search).not.toHaveBeenCalled()
  expect(listen).not.toHaveBeenCalled()
  expect(place()).toBe('translate(500px, 250px)')
})

test('a cursor that rests follows when elements are used again for other anchors, or a class moves them', async () => {
  const { move, place, getByTestId, pass } = await openBoard(cards)
  act(() => move({ x: 0, y: 0, anchor: 'card-1' }))
  getByTestId('empty').setAttribute('data-at', '50 60 10 10')
  getByTestId('card').setAttribute('data-presence-anchor', 'empty')
  getByTestId('empty').setAttribute('data-presence-anchor', 'card-1')
  await act(async () => pass(0))
  expect(place()).toBe('translate(50px, 60px)')
  getByTestId('empty').setAttribute('data-at', '70 80 10 10')
  getByTestId('gap').className = 'open'
  await act(async () => pass(0))
  expect(place()).toBe('translate(70px, 80px)')
})

test('however many names peers come up with that are not here, a frame looks for them once', async () => {
  const { server, pass, getByTestId } = await openBoard(cards)
  act(() => {
    for (let peer = 20; peer < 40; peer++) server.put(key, peer, { x: 0, y: 0, anchor: `no-${peer}` })
  })
  const search = vi.spyOn(getByTestId('board'), 'querySelectorAll')
  act(() => server.put(key, 20, { x: 1, y: 0, anchor: 'no-20' }))
  const asked = vi.spyOn(globalThis, 'requestAnimationFrame')
  act(() => pass(100))
  expect(search.mock.calls.length).toBeGreaterThan(0)
  expect(search.mock.calls.length).toBeLessThanOrEqual(asked.mock.calls.length + 2)
})
