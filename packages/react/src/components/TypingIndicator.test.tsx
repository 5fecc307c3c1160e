import { act, render } from '@testing-library/react'
import { createRef } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { openWorld } from '../testing/openWorld.tsx'
import { TypingIndicator, type TypingIndicatorProps } from './TypingIndicator.tsx'

const key = 'pr:chat/typing'

afterEach(() => {
  document.documentElement.lang = ''
  vi.useRealTimers()
})

async function openIndicator(props: Partial<TypingIndicatorProps> = {}) {
  const opened = openWorld({ id: 'me', name: 'Me' })
  const { Provider, world, advance } = opened
  const view = render(
    <Provider>
      <TypingIndicator room="pr:chat" {...props} />
    </Provider>,
  )
  await advance()
  return {
    ...view,
    ...opened,
    line: view.container.firstElementChild as HTMLElement,
    says: () => view.container.querySelector('.presence-typing-text')?.textContent ?? '',
    spoken: view.getByRole('status'),
    /** Somebody comes, and begins to type. */
    types: async (name: string, id = name) => {
      world.client({ user: { id, name } }).presence(key).heartbeat(true, 6_000)
      await advance()
    },
  }
}

test('it says who is typing, and several people past a limit', async () => {
  const { says, types } = await openIndicator({ locale: 'en' })
  expect(says()).toBe('')
  await types('Ada')
  expect(says()).toBe('Ada is typing')
  await types('Grace')
  expect(says()).toBe('Ada and Grace are typing')
  await types('Alan')
  await types('Edsger')
  expect(says()).toBe('Several people are typing')
})

test("[U2] the reader's own typing in another tab is not shown", async () => {
  const { line, says, types } = await openIndicator()
  await types('Me', 'me')
  expect(says()).toBe('')
  expect(line.dataset.state).toBe('idle')
})

test('the line keeps its height while nobody types, and its dots are for the eye only', async () => {
  const { line, types } = await openIndicator()
  expect(line.style.minHeight).toBe('1.5em')
  await types('Ada')
  expect(line.dataset.state).toBe('typing')
  expect(line.querySelector('.presence-typing-dots')?.getAttribute('aria-hidden')).toBe('true')
})

test('a list of names is written as the page is, and the words can be replaced', async () => {
  document.documentElement.lang = 'de'
  const { says, types } = await openIndicator({ strings: { many: (names) => `${names} tippen` } })
  await types('Ada')
  await types('Grace')
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
  const { world, spoken, says } = await openIndicator({ locale: 'en' })
  vi.useFakeTimers()
  const heard: string[] = []
  const read: string[] = []
  const note = (list: string[], text: string) => {
    if (text !== '' && text !== list.at(-1)) list.push(text)
  }
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      await act(async () => {
        await world.advance(100)
        vi.advanceTimersByTime(100)
      })
      note(heard, spoken.textContent ?? '')
      note(read, says())
    }
  }
  const chat = (name: string) => world.client({ user: { id: name, name } }).presence(key)
  const ada = chat('Ada')
  // Ada all the time; every three seconds somebody else for a moment and a half.
  const others = ['Grace', 'Alan', 'Edsger', 'Barbara', 'Donald'].map(chat)
  for (let i = 0; i < 20; i++) {
    ada.heartbeat(true, 6_000)
    await pass(1_500)
    const other = others[i % others.length]
    other?.heartbeat(true, 6_000)
    await pass(1_500)
    other?.leave()
  }
  ada.leave()
  await pass(100)
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
