import { expect, test } from 'vitest'
import { hashVersions } from './versions-hash.ts'

test('[S2] the hash of versions is that of PROTOCOL.md, whatever the order of the rooms', () => {
  const rooms = [
    { number: 1, version: 7 },
    { number: 2, version: 1_000 },
    { number: 3, version: 0 },
  ]
  expect(hashVersions([])).toBe(0)
  expect(hashVersions(rooms)).toBe(hashVersions([...rooms].reverse()))
  expect(hashVersions([{ number: 1, version: 7 }])).toBe(200723261)
})

test('[S2] one version more or less, or a room more or less, is another hash', () => {
  const seen = new Set<number>()
  for (let number = 1; number <= 100; number++) {
    for (let version = 0; version < 100; version++) seen.add(hashVersions([{ number, version }]))
  }
  expect(seen.size).toBeGreaterThan(9_990)
})
