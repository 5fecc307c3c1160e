import { expect, test } from 'vitest'
import { createPresenceServer } from './presence-server.ts'
import type { PresenceServerOptions } from './server-options.ts'

test('a wrong option is refused with a sentence that names it and what was wanted', () => {
  const wrong: [unknown, string][] = [
    [{ graceMS: 1 }, 'no option "graceMS"'],
    [{ graceMs: -1 }, 'graceMs is -1'],
    [{ graceMs: '15000' }, "graceMs is '15000'"],
    [{ heldTtlMinMs: Number.NaN }, 'heldTtlMinMs is NaN'],
    [{ flushMs: 0 }, 'flushMs is 0'],
    [{ restart: 'often' }, "restart is 'often'"],
    [{ origins: 'https://app.example/' }, 'origins is'],
    [{ origins: 'https://app.example' }, 'origins is'],
    [{ limits: { dataBytes: 0 } }, 'limits.dataBytes is 0'],
    [{ limits: { roomClients: 0 } }, 'limits.roomClients is 0'],
    [{ limits: { roomClients: 100_001 } }, 'limits.roomClients is 100001'],
    [{ rooms: { 'pr:board': { x: 1 } } }, 'defineRooms({ "pr:board": Board })'],
    [{ rooms: null }, 'rooms was not made by defineRooms'],
    [{ limits: { rooms: 0 } }, 'limits.rooms is 0'],
    [{ limits: { userConnections: 0 } }, 'limits.userConnections is 0'],
    [{ limits: { addressConnections: 0 } }, 'limits.addressConnections is 0'],
    [{ limits: { userEntries: 0 } }, 'limits.userEntries is 0'],
    [{ limits: { messageBytes: 65_535 } }, 'limits.messageBytes is 65535'],
    [{ limits: { messagesPerSecond: 9 } }, 'limits.messagesPerSecond is 9'],
    [{ limits: { badMessages: 0 } }, 'limits.badMessages is 0'],
    [{ limits: { handshakeMs: 99 } }, 'limits.handshakeMs is 99'],
    [{ limits: { doors: 3 } }, 'no option "limits.doors"'],
    [{ limits: null }, 'limits is null; wanted:'],
    [{ limits: [] }, 'limits is []; wanted:'],
    [{ limits: 'ab' }, "limits is 'ab'; wanted:"],
    [{ logger: {} }, 'logger is of type object; wanted:'],
    [{ logger: null }, 'logger is of type object; wanted:'],
    [{ logger: 'pino' }, 'logger is of type string; wanted:'],
    [{ trustProxy: -1 }, 'trustProxy is -1'],
    [{ store: 'presence.db' }, 'sqliteStore({ file: "presence.db" })'],
    [{ auth: 'secret' }, 'auth is'],
    [{ static: '/no/such/place' }, 'a directory that exists'],
    [{ open: 1 }, 'open is 1'],
    [{ adminToken: 'too-short' }, 'adminToken cannot be used'],
  ]
  for (const [options, sentence] of wrong) {
    expect(() => createPresenceServer(options as PresenceServerOptions)).toThrow(sentence)
  }
})

test('all that is wrong is said at once, a line each', () => {
  const wrong = { graceMS: 1, open: 1, flushMs: 0, limits: { doors: 3, dataBytes: -1 }, static: '/no/such/place' }
  const attempt = (): unknown => createPresenceServer(wrong as unknown as PresenceServerOptions)
  expect(attempt).toThrow(
    [
      'createPresenceServer has no option "graceMS".',
      'createPresenceServer has no option "limits.doors".',
      'open is 1; wanted: true or false.',
      'limits.dataBytes is -1; wanted: a whole number from 1 to 1048576.',
      'flushMs is 0; wanted: a whole number from 1 to 10000.',
      "static is '/no/such/place'; wanted: a directory that exists.",
    ].join('\n'),
  )
})

test('[A4] a server without authentication does not listen to other machines unless it is told to', async () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.7']) {
    await expect(createPresenceServer().listen({ host, port: 0 })).rejects.toThrow('open: true')
  }
})

test('a room key is checked where an application asks for a room', () => {
  const server = createPresenceServer()
  expect(() => server.snapshot('atelier')).toThrow('no room key')
  expect(() => server.kick('', 1)).toThrow('no room key')
  expect(server.count('pr:atelier')).toEqual({ users: 0, clients: 0 })
})
