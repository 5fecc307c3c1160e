import { act, render } from '@testing-library/react'
import { createRef } from 'react'
import { afterEach, expect, test } from 'vitest'
import { scriptedClient } from '../testing/scriptedClient.tsx'
import { TypingIndicator, type TypingIndicatorProps } from './TypingIndicator.tsx'

const key = 'pr:chat/typing'

afterEach(() => {
  document.documentElement.lang = ''
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
    line: view.getByRole('status'),
    types: (name: string, id = name) =>
      act(() => server.put(key, clientId++, true, { ttlMs: 6_000, joinedAtMs: clientId, user: { id, name } })),
  }
}

test('it says who is typing, and several people past a limit', async () => {
  const { line, types } = await openIndicator({ locale: 'en' })
  expect(line.textContent).toBe('')
  types('Ada')
  expect(line.textContent).toBe('Ada is typing')
  types('Grace')
  expect(line.textContent).toBe('Ada and Grace are typing')
  types('Alan')
  types('Edsger')
  expect(line.textContent).toBe('Several people are typing')
})

test("[U2] the reader's own typing in another tab is not shown", async () => {
  const { line, types } = await openIndicator()
  types('Me', 'me')
  expect(line.textContent).toBe('')
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
  const { line, types } = await openIndicator({ strings: { many: (names) => `${names} tippen` } })
  types('Ada')
  types('Grace')
  expect(line.textContent).toBe('Ada und Grace tippen')
})

test('ref, class, style and other props reach the line', async () => {
  const ref = createRef<HTMLDivElement>()
  const { line } = await openIndicator({ ref, className: 'mine', style: { color: 'red' }, id: 'x' } as object)
  expect(ref.current).toBe(line)
  expect(line.className).toBe('presence-typing mine')
  expect(line.style.color).toBe('red')
  expect(line.id).toBe('x')
})
