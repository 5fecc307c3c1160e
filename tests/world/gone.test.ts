import { test } from 'vitest'
import { sharedNowMs } from './crowd.ts'
import { meet, patienceMs, room, talk } from './meeting.ts'
import { holdAgainst } from './truth.ts'

test('[L4] who closes is gone at once', async () => {
  const { ada, grace } = await meet()
  const atMs = sharedNowMs()
  grace.close()
  holdAgainst('gone-closed', (await ada.misses(room, grace, patienceMs)) - atMs)
})

test('[L3] [L5] a client whose process is killed is gone when the grace has passed', async () => {
  const { going, ada, grace } = await meet()
  talk([ada, grace])
  const atMs = sharedNowMs()
  going.kill()
  holdAgainst('gone-killed', (await ada.misses(room, grace, patienceMs)) - atMs)
})
