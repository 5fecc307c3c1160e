import type { ServerMessage } from '@app/protocol'
import { expect, test } from 'vitest'
import { MemoryServer } from './memory-server.ts'

/* What cannot happen in a world, where nothing is said twice. All else is compared with the real server: tests/model. */

const key = 'pr:atelier'

function open() {
  const server = new MemoryServer('epoch', 0)
  const said: ServerMessage[] = []
  const link = { send: (message: ServerMessage) => void said.push(message), close: () => {} }
  const handshake = { v: 1, clientId: 7, secret: '0'.repeat(32) }
  const connection = server.connect(handshake, link, 0)
  said.length = 0
  return {
    server,
    says: (nowMs: number, ...message: [string, ...unknown[]]) => server.receive(connection, message, nowMs),
    hears: () => said.splice(0),
  }
}

test('[P7] a number is taken once, and one that is not above the entry changes nothing', () => {
  const { says, hears } = open()
  says(0, 'p', [[key, 2, 5_000, 0, 'second']])
  says(1, 'p', [[key, 2, 5_000, 0, 'again']])
  says(2, 'p', [[key, 1, 5_000, 0, 'first']])
  says(3, 'l', key, 1)
  hears()
  says(4, 'enter', key)
  expect(hears()[0]).toEqual(['s', key, 1, 'epoch', 1, [[1, 7, 2, 'second', 5_000, 0, 0]]])
  says(5, 'l', key, 3)
  expect(hears()).toContainEqual(['k', key, 3])
  says(50, 'enter', key)
  expect(hears().at(-1)).toMatchObject(['s', key, 1, 'epoch', 2, []])
})

test('puts that no delta confirms are confirmed at once after a quiet time, then together every five seconds', () => {
  const { server, says, hears } = open()
  says(0, 'p', [[key, 1, 60_000, 1, 'x']])
  expect(hears()).toEqual([['k', key, 1]])
  says(1_000, 'p', [[key, 2, 60_000, 1, 'y']])
  says(2_000, 'p', [[key, 3, 60_000, 1, 'z']])
  expect(hears()).toEqual([])
  expect(server.dueAtMs).toBe(5_000)
  server.run(5_000)
  expect(hears()).toEqual([['k', key, 3]])
})
