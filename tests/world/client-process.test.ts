import { expect, test } from 'vitest'
import { sharedNowMs } from './crowd.ts'
import { blink, calm, comesBack, departures, hasHeard, meet, patienceMs, room, talk } from './meeting.ts'
import { settings } from './scale.ts'
import { holdAgainst } from './truth.ts'

test('[L2] a client that stands still for a moment is noticed by nobody', async () => {
  const { proxy, going, ada, grace } = await meet(calm)
  talk([ada, grace])
  const atMs = sharedNowMs()
  await blink(async (awhile) => {
    going.pause()
    await awhile
    going.resume()
    const runsAtMs = sharedNowMs()
    await ada.crowd.until(() => hasHeard(ada, grace, runsAtMs), patienceMs, 'grace talks again')
  })
  holdAgainst('silent-return', departures(ada, atMs) + departures(grace, atMs))
  expect(proxy.accepted).toBe(1)
  expect(grace.status).toBe('connected')
})

test('[L2] [L5] [R4] a client that stood still until it was gone is whole again soon after it runs', async () => {
  const { server, staying, going, ada, grace } = await meet()
  talk([ada, grace])
  const atMs = sharedNowMs()
  going.pause()
  holdAgainst('gone-silent', (await ada.misses(room, grace, patienceMs)) - atMs)
  // Somebody comes meanwhile: it must hear of that, too.
  const eve = await staying.come(server.url)
  eve.listen(room)
  eve.track(room, 'eve', settings.ttlMs)
  await ada.meets(room, eve, patienceMs)
  const runsAtMs = sharedNowMs()
  going.resume()
  const backAtMs = await comesBack(grace, ada, runsAtMs)
  const seesAtMs = await grace.meets(room, eve, patienceMs)
  holdAgainst('back-lost', Math.max(backAtMs, seesAtMs) - runsAtMs)
  expect(grace.errors).toEqual([])
})
