import { act, fireEvent, render } from '@testing-library/react'
import { createRef, StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { PresenceError } from '@app/client'
import { countCommits } from '../testing/commits.tsx'
import { scriptedClient } from '../testing/scriptedClient.tsx'
import { ConnectionBanner, type ConnectionBannerProps } from './ConnectionBanner.tsx'

async function openBanner(props: Partial<ConnectionBannerProps> = {}) {
  const scripted = scriptedClient()
  const { Provider, client, server, clock } = scripted
  const counter = countCommits()
  client.onError(() => {})
  client.connect()
  await scripted.connected()
  const view = render(
    <StrictMode>
      <Provider>{counter.frame(<ConnectionBanner {...props} />)}</Provider>
    </StrictMode>,
  )
  counter.commits = 0
  const pass = (ms: number) =>
    act(async () => {
      clock.advance(ms)
    })
  return {
    ...view,
    ...scripted,
    counter,
    banner: view.container.firstElementChild as HTMLElement,
    status: view.getByRole('status'),
    pass,
    /** The server goes, and says when it can be asked again. */
    lose: async (retryAfterMs: number) => {
      server.refusal = new PresenceError('draining', 'Later.', { canRetry: true, retryAfterMs })
      act(() => server.drop())
      await pass(0)
    },
  }
}

test('a connection that is lost for a moment shows nothing', async () => {
  const { banner, counter, pass, reconnect } = await openBanner()
  await reconnect()
  await pass(10_000)
  expect(banner.textContent).toBe('')
  expect(banner.dataset['state']).toBeUndefined()
  expect(counter.commits).toBe(2)
})

test('lost for longer, the banner says so, and when it is tried again; and goes with the connection', async () => {
  const { banner, status, client, clock, lose, pass, server } = await openBanner({
    strings: { retry: undefined } as object,
  })
  await pass(1_000)
  const before = clock.pending
  // It would list all rooms.
  const inspect = vi.spyOn(client, 'inspect')
  await lose(10_000)
  await pass(1_999)
  expect(banner.textContent).toBe('')
  await pass(1)
  expect(status.textContent).toBe('Connection lost. What you see may be old.')
  expect(banner.dataset['state']).toBe('reconnecting')
  expect(banner.textContent).toContain('Trying again in 8 s.')
  await pass(3_000)
  expect(banner.textContent).toContain('Trying again in 5 s.')
  // What is read out does not change with every second.
  expect(status.textContent).toBe('Connection lost. What you see may be old.')
  server.refusal = null
  await pass(5_000)
  expect(banner.textContent).toBe('')
  expect(banner.dataset['state']).toBeUndefined()
  await pass(1_000)
  expect(clock.pending).toBe(before)
  expect(inspect).not.toHaveBeenCalled()
  // The next time it waits again.
  await lose(10_000)
  await pass(1_999)
  expect(banner.textContent).toBe('')
})

test('the button asks the client to connect now', async () => {
  const { client, lose, pass, getByRole } = await openBanner({ delayMs: 0 })
  await lose(10_000)
  await pass(0)
  const connect = vi.spyOn(client, 'connect')
  fireEvent.click(getByRole('button', { name: 'Try now' }))
  expect(connect).toHaveBeenCalledOnce()
})

test('a button that goes with the connection leaves the focus with the banner, and takes it from nobody else', async () => {
  const { lose, pass, getByRole, banner, server } = await openBanner({ delayMs: 0 })
  for (const isFocused of [true, false]) {
    await lose(10_000)
    await pass(0)
    if (isFocused) getByRole('button').focus()
    server.refusal = null
    await pass(10_000)
    expect(banner.textContent).toBe('')
    expect(document.activeElement).toBe(isFocused ? banner : document.body)
    banner.blur()
  }
})

test('who is refused is told why, and may try again', async () => {
  const { server, pass, banner, status, getByRole, client } = await openBanner()
  server.refusal = new PresenceError('unauthorized', 'The token is not valid. Log in.')
  act(() => server.drop())
  await pass(0)
  await pass(2_000)
  expect(client.status).toBe('refused')
  expect(banner.dataset['state']).toBe('refused')
  expect(status.textContent).toBe('Not connected. The token is not valid. Log in.')
  expect(banner.textContent).not.toContain('Trying')
  server.refusal = null
  fireEvent.click(getByRole('button'))
  await pass(0)
  expect(client.status).toBe('connected')
})

test('a client that nobody asked to connect, or that was closed, is no trouble', async () => {
  const { banner, client, pass } = await openBanner()
  act(() => client.close())
  await pass(10_000)
  expect(banner.textContent).toBe('')
})

test('the first connection that does not come is told, too; the words can be replaced', async () => {
  const { client, clock, Provider, server } = scriptedClient()
  server.answers = false
  client.connect()
  const view = render(
    <Provider>
      <ConnectionBanner strings={{ connecting: 'Verbinde …', tryNow: 'Jetzt' }} delayMs={500} />
    </Provider>,
  )
  act(() => clock.advance(500))
  expect(view.getByRole('status').textContent).toBe('Verbinde …')
  expect(view.getByRole('button').textContent).toBe('Jetzt')
})

test('ref, class, style and other props reach the banner; on a server it is empty', async () => {
  const ref = createRef<HTMLDivElement>()
  const { banner, Provider } = await openBanner({ ref, className: 'mine', style: { color: 'red' }, id: 'x' } as object)
  expect(ref.current).toBe(banner)
  expect([banner.className, banner.style.color, banner.id]).toEqual(['presence-banner mine', 'red', 'x'])
  const html = renderToString(
    <Provider>
      <ConnectionBanner />
    </Provider>,
  )
  expect(html).toBe('<div class="presence-banner"><span role="status"></span></div>')
})
