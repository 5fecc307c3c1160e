import { connectTo, FakeClock, FakeLinks, type DrivenClient } from '@app/testkit'
import { expect, test } from 'vitest'
import { adminTokenOf } from './admin-token.ts'
import { PresenceCore } from './core.ts'
import { checkOptions, type PresenceServerOptions } from './server-options.ts'

const token = 'an-admin-token!of-32-characters!'
const key = 'pr:secret'

function open({ isLoopback = false, ...options }: PresenceServerOptions & { readonly isLoopback?: boolean } = {}) {
  const clock = new FakeClock()
  const links = new FakeLinks()
  const logged: object[] = []
  const silent = { debug() {}, info() {}, warn: (details: object) => void logged.push(details), error() {} }
  const checked = checkOptions({ logger: silent, ...options })
  const admin = checked.adminToken === undefined ? undefined : adminTokenOf(checked.adminToken, silent, () => 0)
  const mode = options.auth ? 'auth' : isLoopback ? 'loopback' : 'open'
  const core = new PresenceCore({ ...checked, admin, clock, transport: links, policy: { mode, origins: undefined } })
  const connect = (clientId: number, said?: string, user?: string): Promise<DrivenClient> =>
    connectTo(core, links, {
      clientId,
      ...(said === undefined ? {} : { token: said }),
      ...(user === undefined ? {} : { user: { id: user } }),
    })
  return { core, connect, logged }
}

/** Knows everybody, and lets them see nothing but the lobby; tokens are names of tenants. */
const auth = ({ token: said = '' }: { readonly token: string | undefined }) => {
  if (said.startsWith('admin:')) throw new Error('Nobody is to ask me that.')
  return said === 'nobody' ? null : { user: { id: 'ada' }, rooms: ['pr:lobby', key], ...(said && { tenant: said }) }
}
const refused = { code: 'unauthorized', canRetry: false }

test('[A5] whoever has the admin token sees every room and is in none, as nobody, and no auth function is asked', async () => {
  const { connect, core } = open({ adminToken: token, auth, limits: { userConnections: 1 } })
  const ada = await connect(1)
  ada.say('p', [[key, 1, 30_000, 1, 'x']])
  for (const clientId of [2, 3]) {
    const watcher = await connect(clientId, `admin:${token}`, 'ada')
    expect(watcher.take()).toMatchObject([['hello', { user: null }]])
    watcher.say('enter', key)
    watcher.say('count', key)
    const [snapshot, count] = watcher.take()
    const seen = (snapshot![5] as unknown[][]).map(([, who, , data]) => [who, data])
    expect([seen, count]).toEqual([[[1, 'x']], ['c', key, 1, 1]])
    watcher.say('p', [[key, 1, 30_000, 1, 'y']])
    expect(watcher.take()).toMatchObject([['refused', { code: 'not-allowed', event: 'p' }]])
  }
  expect(core.entries(key)).toHaveLength(1)
})

test.each([{}, { isLoopback: true }])('[A5] so it is where clients say themselves who they are (%j)', async (where) => {
  const { connect } = open({ adminToken: token, ...where })
  const watcher = await connect(1, `admin:${token}`, 'ada')
  expect(watcher.take()).toMatchObject([['hello', { user: null }]])
  watcher.say('p', [[key, 1, 30_000, 1, 'y']])
  expect(watcher.take()).toMatchObject([['refused', { code: 'not-allowed' }]])
  await expect(connect(2, 'admin:no', 'ada')).rejects.toMatchObject(refused)
  expect((await connect(3, 'another', 'ada')).take()).toMatchObject([['hello', { user: { id: 'ada' } }]])
})

test('[A5] it sees the rooms of the tenant that it names, and no others', async () => {
  const { connect } = open({ adminToken: token, auth })
  const ada = await connect(1, 'acme')
  ada.say('p', [[key, 1, 30_000, 1, 'x']])
  const rows = async (clientId: number, said: string) => {
    const watcher = await connect(clientId, said)
    watcher.take()
    watcher.say('enter', key)
    return (watcher.take()[0]![5] as unknown[]).length
  }
  expect(await rows(2, `admin:${token}!acme`)).toBe(1)
  expect(await rows(3, `admin:${token}!other`)).toBe(0)
  expect(await rows(4, `admin:${token}`)).toBe(0)
})

test('[A5] with a wrong one nobody is let in, nor with one where there is none', async () => {
  const { connect, logged } = open({ adminToken: token, auth })
  const wrong = [
    'admin:',
    'admin:!',
    `admin:${token}x`,
    `admin:x${token}`,
    `admin:${token}!`,
    `admin:${token}!a b`,
    `admin:${token}!a!b`,
    `admin:!acme`,
    'admin:acme',
  ]
  for (const said of wrong) await expect(connect(1, said), said).rejects.toMatchObject(refused)
  expect(logged).toEqual([{ attempts: 1 }])
  await expect(open({ auth }).connect(1, `admin:${token}`)).rejects.toMatchObject({
    code: 'unauthorized',
    canRetry: true,
  })
  // Without the word before it, it is a token like any other.
  const plain = await connect(1, token.replaceAll('!', '-'))
  expect(plain.take()).toMatchObject([['hello', { user: { id: 'ada' } }]])
})
