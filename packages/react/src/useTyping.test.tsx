import { act, fireEvent, render } from '@testing-library/react'
import { StrictMode } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { countCommits } from './testing/commits.tsx'
import { scriptedClient } from './testing/scriptedClient.tsx'
import { useTyping, type TypingOptions, type TypingResult } from './useTyping.ts'

const key = 'pr:chat/typing'

afterEach(() => {
  vi.restoreAllMocks()
})

/** A form with one field that tells of typing, connected. */
async function openForm({ onBlur, ...options }: TypingOptions & { onBlur?: () => void } = {}) {
  const scripted = scriptedClient({ user: { id: 'me' } })
  const { server, clock, Provider } = scripted
  const counter = countCommits()
  const results: TypingResult[] = []
  function Field() {
    const result = useTyping('pr:chat', options)
    results.push(result)
    return (
      <form onSubmit={(event) => event.preventDefault()}>
        <textarea {...(onBlur ? result.inputProps.with({ onBlur }) : result.inputProps)} />
      </form>
    )
  }
  const view = render(
    <StrictMode>
      <Provider>{counter.frame(<Field />)}</Provider>
    </StrictMode>,
  )
  await scripted.connected()
  counter.commits = 0
  const field = view.getByRole('textbox')
  let text = ''
  return {
    ...view,
    ...scripted,
    counter,
    field,
    results,
    last: () => results[results.length - 1]!,
    names: () => results.at(-1)?.typing.map(({ userId }) => userId),
    type: () => fireEvent.input(field, { target: { value: (text += 'x') } }),
    /** Each put as [lease, held]. */
    puts: () => server.puts(key).map(([, , ttlMs, held]) => [ttlMs, held]),
    leaves: () => server.sent('l').length,
    pass: (ms: number) => act(() => clock.advance(ms)),
  }
}

test('typing is sent at the first input, every two seconds while it goes on, and ended three seconds after the last', async () => {
  const { type, puts, leaves, pass } = await openForm()
  type()
  expect(puts()).toEqual([[6_000, 0]])
  for (let i = 1; i < 100; i++) {
    pass(100)
    type()
  }
  // 9.9 seconds of typing: at 0, 2, 4, 6 and 8.
  expect(puts()).toEqual(Array.from({ length: 5 }, () => [6_000, 0]))
  pass(2_999)
  expect(leaves()).toBe(0)
  pass(1)
  expect(leaves()).toBe(1)
  pass(10_000)
  expect(puts()).toHaveLength(5)
  expect(leaves()).toBe(1)
})

test('what is no input is no typing: arrows, Shift, Tab, focus', async () => {
  const { field, puts } = await openForm()
  for (const name of ['ArrowLeft', 'Shift', 'Tab', 'Control', 'Escape', 'a']) {
    fireEvent.keyDown(field, { key: name })
    fireEvent.keyUp(field, { key: name })
  }
  fireEvent.focus(field)
  fireEvent.select(field)
  expect(puts()).toEqual([])
})

test('paste, composition and dictation are typing, without a key', async () => {
  for (const inputType of ['insertFromPaste', 'insertCompositionText', 'insertReplacementText']) {
    const { field, puts, unmount } = await openForm()
    fireEvent(field, new InputEvent('input', { bubbles: true, inputType }))
    expect(puts()).toHaveLength(1)
    unmount()
  }
})

test('blur, sending or emptying the form, stop() and unmounting end it at once, and only once', async () => {
  const ends: ((form: Awaited<ReturnType<typeof openForm>>) => void)[] = [
    ({ field }) => fireEvent.blur(field),
    ({ field }) => fireEvent.submit(field.closest('form')!),
    ({ field }) => fireEvent.reset(field.closest('form')!),
    ({ last }) => last().stop(),
    ({ unmount }) => unmount(),
  ]
  for (const end of ends) {
    const form = await openForm()
    form.type()
    end(form)
    expect(form.leaves()).toBe(1)
    form.last().stop()
    form.pass(10_000)
    expect(form.leaves()).toBe(1)
    expect(form.puts()).toHaveLength(1)
    form.unmount()
  }
})

test('after the end the next input is an edge again', async () => {
  const { type, last, puts, leaves, pass } = await openForm()
  type()
  last().stop()
  pass(50)
  type()
  expect(puts()).toHaveLength(2)
  expect(leaves()).toBe(1)
})

test('a hidden page ends it and sends nothing', async () => {
  const { type, puts, leaves } = await openForm()
  type()
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  fireEvent(document, new Event('visibilitychange'))
  expect(leaves()).toBe(1)
  type()
  expect(puts()).toHaveLength(1)
})

test('start() is an input, for editors that have no such event, and ends by itself like one', async () => {
  const { last, puts, leaves, pass } = await openForm({ idleMs: 1_000 })
  last().start()
  expect(puts()).toEqual([[6_000, 0]])
  pass(1_000)
  expect(leaves()).toBe(1)
})

test('a pause that may be longer has a lease that lasts as long', async () => {
  const { type, puts, leaves, pass } = await openForm({ idleMs: 10_000 })
  type()
  pass(1_900)
  type()
  expect(puts()).toEqual([[12_000, 0]])
  pass(9_999)
  expect(leaves()).toBe(0)
  pass(1)
  expect(leaves()).toBe(1)
})

test("the caller's handlers still run", async () => {
  const onBlur = vi.fn<() => void>()
  const { field, type, leaves } = await openForm({ onBlur })
  type()
  fireEvent.blur(field)
  expect(onBlur).toHaveBeenCalledOnce()
  expect(leaves()).toBe(1)
})

test('[U2] who types is told by user, not by tab, first come first; I am not among them, from none of my tabs', async () => {
  const { server, type, names } = await openForm()
  type()
  act(() => server.put(key, 20, true, { ttlMs: 6_000, user: { id: 'grace' }, joinedAtMs: 2 }))
  act(() => server.put(key, 21, true, { ttlMs: 6_000, user: { id: 'ada' }, joinedAtMs: 1 }))
  act(() => server.put(key, 22, true, { ttlMs: 6_000, user: { id: 'ada' }, joinedAtMs: 3 }))
  act(() => server.put(key, 23, true, { ttlMs: 6_000, user: { id: 'me' } }))
  act(() => server.put(key, 24, true, { ttlMs: 6_000, joinedAtMs: 4 }))
  expect(names()).toEqual(['ada', 'grace', 'client:24'])
})

test('[P5] a refresh costs no commit, and neither does the second tab of somebody who types', async () => {
  const { server, counter, results } = await openForm()
  act(() => server.put(key, 20, true, { ttlMs: 6_000, user: { id: 'ada' } }))
  expect(counter.commits).toBe(1)
  const before = results.at(-1)?.typing
  act(() => server.renew(key, 20, 6_000))
  act(() => server.put(key, 21, true, { ttlMs: 6_000, user: { id: 'ada' } }))
  expect(counter.commits).toBe(1)
  expect(results.at(-1)?.typing).toBe(before)
})

test('[P3] typing that nobody ends runs out after its lease, without a timer of ours', async () => {
  const { server, names, pass } = await openForm()
  act(() => server.put(key, 20, true, { ttlMs: 6_000, user: { id: 'ada' } }))
  pass(6_000)
  expect(names()).toEqual(['ada'])
  pass(1)
  expect(names()).toEqual([])
})

test('what the hook gives is the same in every render', async () => {
  const { server, results, last } = await openForm()
  const { inputProps, start, stop } = last()
  act(() => server.put(key, 20, true, { ttlMs: 6_000, user: { id: 'ada' } }))
  expect(results.length).toBeGreaterThan(1)
  expect(last()).toMatchObject({ inputProps, start, stop })
  expect(last().inputProps).toBe(inputProps)
  expect(last().stop).toBe(stop)
})

test('a room with several fields: each sees who types into it, and one that ends leaves another to go on', async () => {
  const { Provider, connected, server, clock } = scriptedClient({ user: { id: 'me' } })
  const lists = new Map<string, unknown>()
  function Field({ name }: { readonly name?: string }) {
    const { typing, inputProps } = useTyping('pr:chat', { field: name })
    lists.set(
      name ?? 'all',
      typing.map(({ userId, field }) => [userId, field]),
    )
    return name === undefined ? null : <input aria-label={name} {...inputProps} />
  }
  const view = render(
    <Provider>
      <Field name="title" />
      <Field name="text" />
      <Field />
    </Provider>,
  )
  await connected()
  act(() => server.put(key, 8, 'title', { user: { id: 'ada' } }))
  act(() => server.put(key, 9, true, { user: { id: 'grace' } }))
  expect(Object.fromEntries(lists)).toEqual({
    title: [['ada', 'title']],
    text: [],
    all: [
      ['ada', 'title'],
      ['grace', undefined],
    ],
  })
  act(() => server.put(key, 8, 'text', { user: { id: 'ada' } }))
  expect(Object.fromEntries(lists)).toEqual({
    title: [],
    text: [['ada', 'text']],
    all: [
      ['ada', 'text'],
      ['grace', undefined],
    ],
  })

  const pass = (ms: number) => act(() => clock.advance(ms))
  const type = (name: string) => fireEvent.input(view.getByLabelText(name), { target: { value: name } })
  type('title')
  pass(2_000)
  type('text')
  pass(1_000)
  expect(server.puts(key).map((put) => put.at(-1))).toEqual(['title', 'text'])
  expect(server.sent('l')).toEqual([])
  pass(2_000)
  expect(server.sent('l')).toHaveLength(1)
})
