import { array, assert, constantFrom, integer, property, record, uniqueArray } from 'fast-check'
import { expect, test } from 'vitest'
import { keyOf, placeOf, tenantOf } from './place.ts'
import { firstPlaces } from './room-list.ts'

const places = record({
  tenant: constantFrom(undefined, 'a', 'b'),
  key: constantFrom('pr:a', 'pr:a/b', 'pr:ab', 'pr:b', 'pr:B'),
})
const all = { prefix: '', tenant: undefined, after: undefined }
const inOrder = (one: string, other: string): number => {
  const [a, b] = [one, other].map((place) => `${keyOf(place)} ${tenantOf(place) ?? ''}`)
  return a! < b! ? -1 : a! > b! ? 1 : 0
}

test('pages have every room once, in one order, whatever comes and goes meanwhile', () => {
  assert(
    property(
      uniqueArray(places, { selector: ({ tenant, key }) => placeOf(tenant, key) }),
      array(places, { maxLength: 3 }),
      integer({ min: 1, max: 4 }),
      (stay, come, limit) => {
        const [staying, coming] = [stay, come].map((each) => each.map(({ tenant, key }) => placeOf(tenant, key)))
        const seen: string[] = []
        for (let page = 0; page <= 20; page++) {
          const some = page % 2 ? staying! : [...new Set([...staying!, ...coming!])]
          const found = firstPlaces(some, { ...all, after: seen.at(-1), limit })
          if (found.length === 0 && page % 2) break
          seen.push(...found)
        }
        expect(seen).toEqual([...new Set(seen)].sort(inOrder))
        expect(seen.filter((place) => staying!.includes(place))).toEqual([...staying!].sort(inOrder))
      },
    ),
  )
})

test('of one tenant, or with keys that begin alike, are those and no others', () => {
  const rooms = ['pr:x', 'a!pr:x', 'a!pr:xy', 'b!pr:xy', 'a!pr:y']
  expect(firstPlaces(rooms, { ...all, tenant: 'a', limit: 9 })).toEqual(['a!pr:x', 'a!pr:xy', 'a!pr:y'])
  expect(firstPlaces(rooms, { ...all, prefix: 'pr:xy', limit: 9 })).toEqual(['a!pr:xy', 'b!pr:xy'])
  expect(firstPlaces(rooms, { ...all, after: 'a!pr:w', limit: 2 })).toEqual(['pr:x', 'a!pr:x'])
})
