import { expect, test } from 'vitest'
import { hashOf, prefixOf, routeOf } from './route.ts'

test('a room has an address of its own, whatever its key and tenant', () => {
  for (const [key, tenant] of [
    ['pr:a', undefined],
    ['pr:team/board:1@x+y~z', undefined],
    ['pr:a', 'acme'],
    ['pr:a/b', 'a.b_c~d-e'],
  ] as const) {
    const hash = hashOf(key, tenant)
    expect(hash).toMatch(/^#\/rooms\/[^/]+$/)
    expect(routeOf(hash)).toEqual({ page: 'room', key, tenant })
  }
})

test('any other address is the list of rooms', () => {
  for (const hash of ['', '#', '#/', '#/rooms', '#/rooms/', '#/rooms/%', '#/rooms/a/b'])
    expect(routeOf(hash)).toEqual({ page: 'rooms' })
})

test('what is searched for may leave out what all keys begin with', () => {
  expect(['', ' ', 'p', 'pr:', 'pr:team/', 'team/ ', 'private'].map(prefixOf)).toEqual([
    ...[undefined, undefined, undefined, undefined],
    ...['pr:team/', 'pr:team/', 'pr:private'],
  ])
})
