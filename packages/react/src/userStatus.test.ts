import { expect, test } from 'vitest'
import { userStatus } from './userStatus.ts'

const tab = (data: unknown) => ({ clientId: 1, data, joinedAtMs: 1, expiresAtMs: 2 })

test.each([
  [['away'], 'away'],
  [['idle'], 'idle'],
  [['active'], 'online'],
  [['busy'], 'online'],
  [[undefined], 'online'],
  [['away', 'idle'], 'idle'],
  [['away', 'active', 'idle'], 'online'],
  [['away', undefined], 'online'],
])('[U2] of tabs with the status %j the most active one counts: %s', (statuses, status) => {
  expect(userStatus({ entries: statuses.map((each) => tab({ status: each })) })).toBe(status)
})

test('data that holds no status means online, nobody means offline', () => {
  for (const data of [null, 'away', 7, [], { status: { away: true } }]) {
    expect(userStatus({ entries: [tab(data)] })).toBe('online')
  }
  expect(userStatus(undefined)).toBe('offline')
})
