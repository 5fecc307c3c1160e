import { act, render } from '@testing-library/react'
import { createRef } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { scriptedClient } from '../testing/scriptedClient.tsx'
import { TypingIndicator, type TypingIndicatorProps } from './TypingIndicator.tsx'

const key = 'pr:chat/typing'

afterEach(() => {
  document.documentElement.lang = ''
  vi.useRealTimers()
})

async function openIndicator(props: Partial<TypingIndicatorProps> = {}) {
  const scripted = scriptedClient({ user: { id: 'me', name: 'Me' } })
  const { server, Provider } = scripted
  const view = render(
    <Provider>
      <TypingIndicator room="pr:chat" {...props} />
    </Provider>,
  )
  await scripted.connected()
  let clientId = 100
  return {
    ...view,
    ...scripted,
    line: view.container.firstElementChild as HTMLElement,
    says: () => view.container.querySelector('.presence-typing-text')?.textContent ?? '',
    spoken: view.getByRole('status'),
    types: (name: string, id = name) =>
      act(() => server.put(key, clientId++, true, { ttlMs: 6_000, joinedAtMs: clientId, user: { id, name } })),
  }
}

test('it says who is typing, and several people past a limit', async () => {
  const { says, types } = await openIndicator({ locale: 'en' })
  expect(says()).toBe('')
  types('Ada')
  expect(says()).toBe('Ada is typing')
  types('Grace')
  expect(says()).toBe('Ada and Grace are typing')
  types('Alan')
  types('Edsger')
  expect(says()).toBe('Several people are typing')
})

test("[U2] the reader's own typing in another tab is not shown", async () => {
  const { line, says, types } = await openIndicator()
  types('Me', 'me')
  expect(says()).toBe('')
  expect(line.dataset.state).toBe('idle')
})

test('the line keeps its height while nobody types, and its dots are for the eye only', async () => {
  const { line, types } = await openIndicator()
  expect(line.style.minHeight).toBe('1.5em')
  types('Ada')
  expect(line.dataset.state).toBe('typing')
  expect(line.querySelector('.presence-typing-dots')?.getAttribute('aria-hidden')).toBe('true')
})

test('a list of names is written as the page is, and the words can be replaced', async () => {
  document.documentElement.lang = 'de'
  const { says, types } = await openIndicator({ strings: { many: (names) => `${names} tippen` } })
  types('Ada')
  types('Grace')
  expect(says()).toBe('Ada und Grace tippen')
})

test('ref, class, style and other props reach the line', async () => {
  const ref = createRef<HTMLDivElement>()
  const { line } = await openIndicator({ ref, className: 'mine', style: { color: 'red' }, id: 'x' } as object)
  expect(ref.current).toBe(line)
  expect(line.className).toBe('presence-typing mine')
  expect(line.style.color).toBe('red')
  expect(line.id).toBe('x')
})

test('a screen reader is told of a busy minute in few words, of whoever goes on, and of nobody who has stopped', async () => {
  const { server, clock, spoken, says } = await openIndicator({ locale: 'en' })
  vi.useFakeTimers()
  const heard: string[] = []
  const read: string[] = []
  const note = (list: string[], text: string) => {
    if (text !== '' && text !== list.at(-1)) list.push(text)
  }
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      act(() => {
        clock.advance(100)
        vi.advanceTimersByTime(100)
      })
      note(heard, spoken.textContent ?? '')
      note(read, says())
    }
  }
  const types = (clientId: number, name: string) =>
    act(() => server.put(key, clientId, true, { ttlMs: 6_000, joinedAtMs: clientId, user: { id: name, name } }))
  // Ada all the time; every three seconds somebody else for a moment and a half.
  const others = ['Grace', 'Alan', 'Edsger', 'Barbara', 'Donald']
  for (let i = 0; i < 20; i++) {
    types(1, 'Ada')
    pass(1_500)
    types(2 + i, others[i % others.length]!)
    pass(1_500)
    act(() => server.remove(key, 2 + i))
  }
  act(() => server.remove(key, 1))
  pass(100)
  expect(spoken.textContent).toBe('')
  expect(read.length).toBeGreaterThan(30)
  expect(heard).toEqual([
    'Ada is typing',
    'Ada and Barbara are typing',
    'Ada is typing',
    'Ada and Grace are typing',
    'Ada is typing',
    'Ada and Edsger are typing',
  ])
})
