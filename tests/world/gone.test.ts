import { expect, test } from 'vitest'
import { sharedNowMs } from './crowd.ts'
import { meet, patienceMs, room } from './meeting.ts'
import { holdAgainst } from './truth.ts'

test('[L4] who closes is gone at once', async () => {
  const { ada, grace } = await meet()
  const atMs = sharedNowMs()
  grace.close()
  holdAgainst('gone-closed', (await ada.misses(room, grace, patienceMs)) - atMs)
})

test('[L3] [L5] a client whose process is killed is gone when the grace has passed', async () => {
  const { going, ada, grace } = await meet()
  const atMs = sharedNowMs()
  going.kill()
  holdAgainst('gone-killed', (await ada.misses(room, grace, patienceMs)) - atMs)
})

test('[L2] [L5] a client that stands still is gone within its lease, and back by itself when it runs', async () => {
  const { going, ada, grace } = await meet()
  const atMs = sharedNowMs()
  going.pause()
  holdAgainst('gone-silent', (await ada.misses(room, grace, patienceMs)) - atMs)
  going.resume()
  await ada.meets(room, grace, patienceMs)
  expect(grace.errors).toEqual([])
})
