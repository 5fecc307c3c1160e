import { expect, test } from 'vitest'
import { expiresAtMs, heldLease, hold, isExpired, looksTheSame, lose, timedLease } from './lease.ts'

test('[P2] a lease is expired after its deadline, not at it', () => {
  const lease = timedLease(1_000, 5_000)
  expect(isExpired(lease, 6_000)).toBe(false)
  expect(isExpired(lease, 6_001)).toBe(true)
})

test('[L2] a held lease moves with the last packet of its connection', () => {
  const proof = { seenAtMs: 1_000 }
  const lease = heldLease(30_000, proof)
  expect(expiresAtMs(lease)).toBe(31_000)
  proof.seenAtMs = 9_000
  expect(expiresAtMs(lease)).toBe(39_000)
})

test('[L3] a lost held lease has what is left of its ttlMs, at most the grace', () => {
  expect(expiresAtMs(lose(heldLease(30_000, { seenAtMs: 1_000 }), 15_000, 2_000))).toBe(17_000)
  expect(expiresAtMs(lose(heldLease(30_000, { seenAtMs: 1_000 }), 15_000, 20_000))).toBe(31_000)
})

test('[L1] a lost connection does not shorten a timed lease', () => {
  const lease = timedLease(60_000, 1_000)
  expect(lose(lease, 15_000, 2_000)).toBe(lease)
  expect(hold(lease, { seenAtMs: 0 })).toBe(lease)
})

test('[L3] a lost lease is held again by the next connection, and looks the same to peers all along', () => {
  const held = heldLease(30_000, { seenAtMs: 1_000 })
  const lost = lose(held, 15_000, 2_000)
  const again = hold(lost, { seenAtMs: 4_000 })
  expect(expiresAtMs(again)).toBe(34_000)
  expect(looksTheSame(held, lost)).toBe(true)
  expect(looksTheSame(lost, again)).toBe(true)
  expect(looksTheSame(held, heldLease(40_000, { seenAtMs: 1_000 }))).toBe(false)
  expect(looksTheSame(held, timedLease(30_000, 1_000))).toBe(false)
})
