import { render } from '@testing-library/react'
import { createRef } from 'react'
import { afterEach, expect, test } from 'vitest'
import { openWorld } from '../testing/openWorld.tsx'
import { TypingIndicator, type TypingIndicatorProps } from './TypingIndicator.tsx'

const key = 'pr:chat/typing'

afterEach(() => {
  document.documentElement.lang = ''
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

/** Numbers from 0 to 1, the same ones for the same seed. */
function chance(seed: number): () => number {
  let state = seed
  return () => (state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff) / 0x8000_0000
}

test('a screen reader is told of a busy minute in few words: never sooner than ten seconds, nothing twice, not of me', async () => {
  const { world, advance, spoken, says } = await openIndicator({ locale: 'en' })
  const random = chance(7)
  const people = ['Ada', 'Grace', 'Alan', 'Barbara', 'Me'].map((name) => ({
    typing: world.client({ user: { id: name === 'Me' ? 'me' : name, name } }).presence(key),
    isTyping: false,
  }))
  const heard: { readonly atMs: number; readonly text: string }[] = []
  let [read, line] = [0, '']
  for (let atMs = 0; atMs <= 75_000; atMs += 100) {
    for (const person of people) {
      // Everybody starts about every six seconds, types for about four, and stops for good after a minute.
      const isTurn = atMs > 60_000 ? person.isTyping : random() < (person.isTyping ? 1 / 40 : 1 / 60)
      if (!isTurn) continue
      person.isTyping = !person.isTyping
      if (person.isTyping) person.typing.heartbeat(true, 60_000)
      else person.typing.leave()
    }
    // In steps: what arrives is drawn before a reader's time goes on, in React 18, which draws when `act` ends, as in 19.
    await advance(0)
    for (let step = 0; step < 5; step++) await advance(20)
    if (says() !== line) read++
    line = says()
    const text = spoken.textContent ?? ''
    if (text !== (heard.at(-1)?.text ?? '')) heard.push({ atMs, text })
  }
  const words = heard.filter(({ text }) => text !== '')
  for (const [i, { atMs, text }] of words.entries()) {
    const before = words[i - 1] ?? { atMs: -10_000, text: '' }
    expect(text).not.toBe(before.text)
    expect(atMs - before.atMs).toBeGreaterThanOrEqual(10_000)
    expect(text).not.toMatch(/\bMe\b/)
  }
  expect(read).toBeGreaterThan(30)
  expect(heard.map(({ atMs, text }) => `${(atMs / 1_000).toFixed(1)} s: ${text || '(silence)'}`))
    .toMatchInlineSnapshot(`
    [
      "4.5 s: Ada is typing",
      "6.0 s: (silence)",
      "14.5 s: Ada and Alan are typing",
      "24.5 s: Grace is typing",
      "25.4 s: (silence)",
      "34.5 s: Alan and Barbara are typing",
      "41.2 s: (silence)",
      "48.8 s: Grace is typing",
      "49.5 s: (silence)",
      "58.8 s: Ada and Alan are typing",
      "60.1 s: (silence)",
    ]
  `)
})
