import { Activity, Component, StrictMode, version, type ReactNode } from 'react'
import { act, render } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import { PresenceError, type PresenceClient, type PresenceClientOptions } from '@app/client'
import { PresenceProvider } from './PresenceProvider.tsx'
import { scriptedClient, type ScriptedClient } from './testing/scriptedClient.tsx'
import { useConnectionStatus } from './useConnectionStatus.ts'
import { usePresence } from './usePresence.ts'
import { usePresenceClient } from './usePresenceClient.ts'

const made: (ScriptedClient & { options: PresenceClientOptions })[] = []

vi.mock('@app/client', async (original) => ({
  ...(await original<object>()),
  createPresenceClient: (options: PresenceClientOptions) => {
    const scripted = scriptedClient(options)
    made.push({ ...scripted, options })
    return scripted.client
  },
}))

beforeEach(() => void (made.length = 0))

const key = 'pr:room-1'
const seen: PresenceClient[] = []

function Room() {
  const client = usePresenceClient()
  if (seen.at(-1) !== client) seen.push(client)
  usePresence(key, { data: 'x' })
  return <p>{useConnectionStatus()}</p>
}

/** The client that the components see; of those made during render, the one that was kept. */
function kept(): (typeof made)[number] {
  return made.find(({ client }) => client === seen.at(-1))!
}

const turn = () => act(async () => {})

test('[P11] in StrictMode one client connects; it survives the rehearsed unmount, and a real one closes it', async () => {
  const { container, unmount } = render(
    <StrictMode>
      <PresenceProvider url="http://localhost:4400">
        <Room />
      </PresenceProvider>
    </StrictMode>,
  )
  await kept().connected()
  expect(made.filter(({ client }) => client.status !== 'idle')).toEqual([kept()])
  expect(container.textContent).toBe('connected')
  expect(kept().wire()).toEqual(['enter', 'p'])
  unmount()
  await turn()
  expect(kept().client.status).toBe('closed')
  expect(kept().wire().at(-1)).toBe('bye')
})

test('rendering makes a client and connects nothing', () => {
  render(<PresenceProvider url="http://localhost:4400" />)
  expect(made.map(({ client }) => client.status)).toEqual(['idle'])
})

test('a client that is given stays open when the provider goes', async () => {
  const { Provider, client, connected } = scriptedClient()
  const { unmount } = render(<Room />, { wrapper: Provider })
  await connected()
  unmount()
  await turn()
  expect(client.status).toBe('connected')
  expect(made).toEqual([])
})

// React has this from 19.2 on.
test.skipIf(version < '19')(
  '[P11] what is hidden leaves and closes, and is here again when it is shown again',
  async () => {
    const page = (mode: 'visible' | 'hidden') => (
      <Activity mode={mode}>
        <PresenceProvider url="http://one">
          <Room />
        </PresenceProvider>
      </Activity>
    )
    const { rerender } = render(page('visible'))
    await kept().connected()
    const { client, connected, server } = kept()
    rerender(page('hidden'))
    await turn()
    expect(client.status).toBe('closed')
    rerender(page('visible'))
    await connected()
    expect(client.status).toBe('connected')
    expect(server.puts(key)).toHaveLength(2)
    expect(made.filter((one) => one.client.status !== 'idle')).toHaveLength(1)
  },
)

test('another url makes another client and closes the one before', async () => {
  const page = (url: string) => (
    <PresenceProvider url={url}>
      <Room />
    </PresenceProvider>
  )
  const { rerender } = render(page('http://one'))
  await kept().connected()
  const one = kept()
  rerender(page('http://one'))
  expect(kept()).toBe(one)
  rerender(page('http://two'))
  await kept().connected()
  expect(kept().options.url).toBe('http://two')
  expect(one.client.status).toBe('closed')
  expect(kept().client.status).toBe('connected')
})

test('[A1] another token or user logs in anew; a user of the same text, or a new token function, does not', async () => {
  const page = (token: string | (() => string) | undefined, user: { id: string } | undefined) => (
    <PresenceProvider url="http://one" token={token} user={user}>
      <Room />
    </PresenceProvider>
  )
  const { rerender } = render(page('t1', { id: 'ada' }))
  await kept().connected()
  expect(kept().server.handshakes.at(-1)).toMatchObject({ token: 't1', user: { id: 'ada' } })
  const logins = () =>
    kept()
      .server.sent('auth')
      .map(([, , credentials]) => credentials)

  rerender(page('t1', { id: 'ada' }))
  await turn()
  expect(logins()).toEqual([])
  rerender(page('t2', { id: 'ada' }))
  await turn()
  expect(logins()).toEqual([{ token: 't2', user: { id: 'ada' } }])
  rerender(page(() => 't3', { id: 'bob' }))
  await turn()
  expect(logins().at(-1)).toEqual({ token: 't3', user: { id: 'bob' } })
  rerender(page(() => 't4', { id: 'bob' }))
  await turn()
  expect(logins()).toHaveLength(2)
  rerender(page(() => 't5', undefined))
  await turn()
  expect(logins().at(-1)).toEqual({ token: 't5' })
  expect(made).toHaveLength(1)
})

test('a new token function is the one that is asked on a reconnect', async () => {
  const page = (token: string) => (
    <PresenceProvider url="http://one" token={() => token}>
      <Room />
    </PresenceProvider>
  )
  const { rerender } = render(page('t1'))
  await kept().connected()
  rerender(page('t2'))
  await kept().reconnect()
  expect(kept().server.handshakes.map(({ token }) => token)).toEqual(['t1', 't2'])
})

test('[A1] of token functions that are others at every render the latest is asked when the token ends, and by no render', async () => {
  const asked: string[] = []
  const page = (name: string) => (
    <PresenceProvider
      url="http://one"
      token={() => {
        asked.push(name)
        return name
      }}
    >
      <Room />
    </PresenceProvider>
  )
  const { rerender } = render(page('t1'))
  const { server, clock, client, connected } = kept()
  server.lifeMs = 60_000
  await connected()
  for (const name of ['t2', 't3', 't4']) {
    rerender(page(name))
    await turn()
  }
  expect(asked).toEqual(['t1'])
  await act(async () => clock.advance(54_000))
  expect(asked).toEqual(['t1', 't4'])
  expect(server.sent('auth').map(([, , { token }]) => token)).toEqual(['t4'])
  expect([kept().client, client.status, server.handshakes.length]).toEqual([client, 'connected', 1])
})

test('[A1] a fixed token that has ended refuses the client, and another token brings the same one back', async () => {
  const page = (token: string) => (
    <PresenceProvider url="http://one" token={token}>
      <Room />
    </PresenceProvider>
  )
  const { rerender, container } = render(page('t1'))
  const { server, client, connected } = kept()
  await connected()
  const errors: string[] = []
  client.onError(({ code }) => errors.push(code))
  act(() => server.endToken())
  expect([container.textContent, errors]).toEqual(['refused', ['token-expired']])
  rerender(page('t2'))
  await connected()
  expect([container.textContent, kept().client]).toEqual(['connected', client])
  expect(server.handshakes.map(({ token }) => token)).toEqual(['t1', 't2'])
  expect(server.puts(key)).toHaveLength(2)
})

class Boundary extends Component<{ children: ReactNode; onError: (error: unknown) => void }> {
  override state = { hasFailed: false }
  static getDerivedStateFromError = () => ({ hasFailed: true })
  override componentDidCatch = (error: unknown) => this.props.onError(error)
  override render = () => (this.state.hasFailed ? 'failed' : this.props.children)
}

/** Renders inside an error boundary; React's report of what the boundary has caught is not printed. */
function renderInBoundary(wrap: (children: ReactNode) => ReactNode) {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const errors: unknown[] = []
  const page = (children: ReactNode) => wrap(<Boundary onError={(error) => errors.push(error)}>{children}</Boundary>)
  const rendered = render(page(null))
  return { errors, show: (children: ReactNode) => rendered.rerender(page(children)) }
}

test('a user that is none reaches the error boundary, at first and later', async () => {
  for (const first of [{ id: '' }, { id: 'ada' }]) {
    const { errors, show } = renderInBoundary((children) => children)
    show(<PresenceProvider url="http://one" user={first} />)
    show(<PresenceProvider url="http://one" user={{ id: '' }} />)
    await turn()
    expect(errors).toMatchObject([{ name: 'PresenceError', code: 'bad-user' }])
  }
})

test('a hook without a provider says what is missing', () => {
  const { errors, show } = renderInBoundary((children) => children)
  show(<Room />)
  expect(String(errors[0])).toContain('<PresenceProvider')
})

test('[P8] bad data reaches the error boundary as a PresenceError, and leaves no entry behind', async () => {
  const { Provider, client, connected, settle } = scriptedClient()
  const { errors, show } = renderInBoundary((children) => <Provider>{children}</Provider>)
  const Put = ({ data }: { data: unknown }) => {
    usePresence(key, { data })
    return null
  }
  show(<Put data="good" />)
  await connected()
  expect(client.presence(key).mine()).toBe('good')
  const circle: unknown[] = []
  circle.push(circle)
  show(<Put data={circle} />)
  await settle()
  expect(errors).toMatchObject([{ name: 'PresenceError', code: 'bad-data' }])
  expect(errors[0]).toBeInstanceOf(PresenceError)
  expect(client.presence(key).mine()).toBeUndefined()
})

test('[L1] a bad ttlMs or room key reaches the error boundary as a PresenceError', () => {
  const Use = ({ room = key, ttlMs }: { room?: string; ttlMs?: number }) => {
    usePresence(room, { data: 'x', ttlMs })
    return null
  }
  for (const [props, code] of [
    [{ ttlMs: 10 }, 'bad-ttl'],
    [{ room: 'lobby' }, 'bad-key'],
  ] as const) {
    const { Provider } = scriptedClient()
    const { errors, show } = renderInBoundary((children) => <Provider>{children}</Provider>)
    show(<Use {...props} />)
    expect(errors).toMatchObject([{ code }])
  }
})
