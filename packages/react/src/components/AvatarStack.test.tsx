import { act, fireEvent, render } from '@testing-library/react'
import { createRef, StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import type { PresenceUser } from '@app/client'
import { PresenceProvider } from '../PresenceProvider.tsx'
import { countCommits } from '../testing/commits.tsx'
import { scriptedClient } from '../testing/scriptedClient.tsx'
import { AvatarStack, type AvatarStackProps } from './AvatarStack.tsx'

const key = 'pr:room-1'
const names = ['Ada Lovelace', 'Grace Hopper', 'Alan Turing', 'Edsger Dijkstra']

/** A stack in a connected room, and whoever comes. */
async function openStack(props: Partial<AvatarStackProps> = {}) {
  const scripted = scriptedClient({ user: { id: 'me' } })
  const { server, Provider } = scripted
  const counter = countCommits()
  const stack = (more: Partial<AvatarStackProps> = {}) => (
    <StrictMode>
      <Provider>{counter.frame(<AvatarStack room={key} {...props} {...more} />)}</Provider>
    </StrictMode>
  )
  const view = render(stack())
  await scripted.connected()
  counter.commits = 0
  const joins = (clientId: number, user?: PresenceUser, data: unknown = 'x') =>
    act(() => server.put(key, clientId, data, { joinedAtMs: clientId, ...(user && { user }) }))
  return {
    ...view,
    ...scripted,
    counter,
    group: view.container.firstElementChild as HTMLElement,
    joins,
    joinAll: () => names.forEach((name, i) => joins(i + 1, { id: name, name })),
    update: (more: Partial<AvatarStackProps>) => view.rerender(stack(more)),
    faces: () => view.queryAllByRole('img').map((face) => face.getAttribute('aria-label')),
    letters: () => view.queryAllByRole('img').map((face) => face.textContent),
  }
}

test('[U2] one face per user in the order they came; each who joins costs one commit, another tab none', async () => {
  const { joins, faces, letters, counter, group } = await openStack()
  expect(group.dataset['state']).toBe('empty')
  joins(9, { id: 'grace', name: 'Grace Hopper' })
  joins(8, { id: 'ada', name: 'Ada' })
  expect(counter.commits).toBe(2)
  joins(10, { id: 'grace', name: 'Grace Hopper' })
  joins(8, { id: 'ada', name: 'Ada' }, 'other data')
  expect(counter.commits).toBe(2)
  joins(11)
  expect(faces()).toEqual(['Ada', 'Grace Hopper', 'A guest'])
  expect(letters()).toEqual(['A', 'GH', '?'])
  expect(group.dataset['state']).toBe('closed')
})

test('I am among the faces when I am in the room, and named as such', async () => {
  const { client, joins, faces } = await openStack({
    strings: { me: (name: string) => `${name}, ich`, someone: undefined } as object,
  })
  joins(1, { id: 'ada', name: 'Ada' })
  act(() => void client.presence(key).track('x'))
  expect(faces()).toEqual(['Ada', 'A guest, ich'])
})

test('the colour of a face is that of the user, and its letters can be read on it', async () => {
  const { joins, getByRole } = await openStack()
  joins(1, { id: 'ada', name: 'Ada', color: '#ff0' })
  const { style } = getByRole('img')
  expect(style.backgroundColor).toBe('rgb(255, 255, 0)')
  expect(style.color).toBe('rgb(0, 0, 0)')
})

test('a picture covers the initials, and one that does not load leaves them; another one is tried', async () => {
  const { joins, container, letters } = await openStack()
  joins(1, { id: 'ada', name: 'Ada', avatarUrl: 'https://example.com/ada.png' })
  const picture = () => container.querySelector('img')
  expect(picture()?.getAttribute('src')).toBe('https://example.com/ada.png')
  expect(picture()?.alt).toBe('')
  fireEvent.error(picture()!)
  expect(picture()).toBeNull()
  expect(letters()).toEqual(['A'])
  joins(1, { id: 'ada', name: 'Ada', avatarUrl: 'https://example.com/other.png' })
  expect(picture()?.getAttribute('src')).toBe('https://example.com/other.png')
})

test('a picture that failed before the page was listening gives way, too', async () => {
  const complete = vi.spyOn(HTMLImageElement.prototype, 'complete', 'get').mockReturnValue(true)
  HTMLImageElement.prototype.decode = () => Promise.reject(new Error('broken'))
  const { joins, container, settle } = await openStack()
  joins(1, { id: 'ada', name: 'Ada', avatarUrl: 'https://example.com/ada.png' })
  await settle()
  expect(container.querySelector('img')).toBeNull()
  complete.mockRestore()
  delete (HTMLImageElement.prototype as Partial<HTMLImageElement>).decode
})

test('past max the button opens a list of everyone, and says so', async () => {
  const { joinAll, getByRole, queryByRole, faces, group } = await openStack({ max: 2 })
  joinAll()
  expect(faces()).toEqual(['Ada Lovelace', 'Grace Hopper'])
  const button = getByRole('button', { name: '+2, all 4 who are here' })
  expect(button.textContent).toBe('+2')
  expect(button.getAttribute('aria-expanded')).toBe('false')
  expect(queryByRole('list', { name: 'Who is here' })).toBeNull()
  fireEvent.click(button)
  const list = getByRole('list', { name: 'Who is here' })
  expect(button.getAttribute('aria-expanded')).toBe('true')
  expect(group.dataset['state']).toBe('open')
  expect([...list.children].map((item) => item.lastElementChild?.textContent)).toEqual(names)
  // The name is read once: the face beside it is for the eye.
  expect(list.querySelector('[role="img"]')).toBeNull()
  expect(list.tabIndex).toBe(0)
  fireEvent.click(button)
  expect(queryByRole('list', { name: 'Who is here' })).toBeNull()
})

test('Escape closes the list, gives the focus back, and closes nothing around it; closed, it is not ours', async () => {
  const outer = vi.fn<() => void>()
  const onKeyDown = vi.fn<() => void>()
  const { joinAll, getByRole, queryByRole } = await openStack({ max: 2, onKeyDown })
  joinAll()
  document.body.addEventListener('keydown', outer)
  const button = getByRole('button')
  fireEvent.click(button)
  const list = getByRole('list', { name: 'Who is here' })
  list.focus()
  fireEvent.keyDown(list, { key: 'a' })
  fireEvent.keyDown(list, { key: 'Escape' })
  expect(queryByRole('list', { name: 'Who is here' })).toBeNull()
  expect(document.activeElement).toBe(button)
  expect(onKeyDown).toHaveBeenCalledTimes(2)
  expect(outer).toHaveBeenCalledOnce()
  document.body.removeEventListener('keydown', outer)
  expect(fireEvent.keyDown(button, { key: 'Escape' })).toBe(true)
})

test('a press or the focus elsewhere closes the list, within it neither does', async () => {
  const { joinAll, getByRole, queryByRole } = await openStack({ max: 2 })
  joinAll()
  const list = () => queryByRole('list', { name: 'Who is here' })
  fireEvent.click(getByRole('button'))
  fireEvent.pointerDown(list()!.firstElementChild!)
  getByRole('button').focus()
  list()?.focus()
  expect(list()).not.toBeNull()
  fireEvent.pointerDown(document.body)
  expect(list()).toBeNull()
  fireEvent.click(getByRole('button'))
  fireEvent.blur(getByRole('button'), { relatedTarget: document.body })
  expect(list()).toBeNull()
})

test('an open list stays while people go; closed then, its button goes, and the focus stays with the faces', async () => {
  const { joinAll, server, getByRole, queryByRole, group } = await openStack({ max: 2 })
  joinAll()
  getByRole('button').focus()
  fireEvent.click(getByRole('button'))
  act(() => server.remove(key, 4))
  act(() => server.remove(key, 3))
  expect(queryByRole('list', { name: 'Who is here' })?.children).toHaveLength(2)
  expect(document.activeElement).toBe(getByRole('button'))
  fireEvent.click(getByRole('button'))
  expect(queryByRole('button')).toBeNull()
  expect(document.activeElement).toBe(group)
})

test('Escape closes a list whose button goes with it, and the focus stays with the faces; another focus is left alone', async () => {
  const { joinAll, server, getByRole, queryByRole, group } = await openStack({ max: 2 })
  joinAll()
  fireEvent.click(getByRole('button'))
  const list = getByRole('list', { name: 'Who is here' })
  list.focus()
  for (const clientId of [3, 4]) act(() => server.remove(key, clientId))
  fireEvent.keyDown(list, { key: 'Escape' })
  expect(queryByRole('button')).toBeNull()
  expect(document.activeElement).toBe(group)
  group.blur()
  joinAll()
  expect(document.activeElement).toBe(document.body)
})

test('a button that has the focus and is not needed any more gives it to the faces', async () => {
  const { joinAll, server, getByRole, queryByRole, group } = await openStack({ max: 2 })
  joinAll()
  getByRole('button').focus()
  for (const clientId of [3, 4]) act(() => server.remove(key, clientId))
  expect(queryByRole('button')).toBeNull()
  expect(document.activeElement).toBe(group)
})

test('a filter chooses, a face of your own is drawn, with the data of the moment', async () => {
  const filter: AvatarStackProps['filter'] = ({ entries }) => entries.some(({ data }) => data !== 'away')
  const { joins, container } = await openStack({
    filter,
    renderAvatar: ({ user, initials, isNamed }) => (
      <b>{`${initials} ${String(user.entries[0]?.data)} ${String(isNamed)}`}</b>
    ),
  })
  joins(1, { id: 'ada', name: 'Ada' }, 'here')
  joins(2, { id: 'grace', name: 'Grace' }, 'away')
  expect(container.querySelector('ul')?.textContent).toBe('A here false')
  joins(1, { id: 'ada', name: 'Ada' }, 'busy')
  joins(2, { id: 'grace', name: 'Grace' }, 'back')
  expect(container.querySelector('ul')?.textContent).toBe('A busy falseG back false')
})

test('ref, class, style and other props reach the group', async () => {
  const ref = createRef<HTMLDivElement>()
  const { group } = await openStack({ ref, className: 'mine', style: { color: 'red' }, id: 'x' } as object)
  expect(ref.current).toBe(group)
  expect(group.className).toBe('presence-avatars mine')
  expect(group.style.color).toBe('red')
  expect(group.id).toBe('x')
})

test('the server renders the faces that it was told of', () => {
  const { client } = scriptedClient()
  const initial = {
    [key]: names.map((name, i) => ({ clientId: i, data: 1, joinedAtMs: i, expiresAtMs: 9, user: { id: name, name } })),
  }
  const html = renderToString(
    <PresenceProvider client={client} initial={initial}>
      <AvatarStack room={key} max={3} />
    </PresenceProvider>,
  )
  expect(html).toContain('aria-label="Ada Lovelace"')
  expect(html).toContain('+1, all 4 who are here')
  expect(client.status).toBe('idle')
})
