import { expect, test } from 'vitest'
import { sharedNowMs, type Person } from './crowd.ts'
import {
  becomes,
  blink,
  calm,
  comesBack,
  departures,
  earlyMaxMs,
  hasHeard,
  lateness,
  meet,
  pass,
  patienceMs,
  room,
  talk,
  timed,
} from './meeting.ts'
import { settings } from './scale.ts'
import { holdAgainst } from './truth.ts'

/** Resolves when one sees what another says. */
const hears = (listener: Person, { clientId }: Person, data: unknown): Promise<number> =>
  listener.crowd.until(() => listener.sees(room).get(clientId) === data, patienceMs, `hears ${String(data)}`)

test('[L3] who is cut off and back within the grace has not been away, for others', async () => {
  const { proxy, ada, grace } = await meet(calm)
  const atMs = sharedNowMs()
  proxy.cut()
  holdAgainst('back-lost', (await comesBack(grace, ada, atMs)) - atMs)
  // Were it forgotten that it is back, it would be gone by then.
  await pass(settings.graceMs + 1_000)
  holdAgainst('silent-return', departures(ada, atMs) + departures(grace, atMs))
  expect(ada.changes(room, atMs).length, 'others see only what she says when she is back').toBe(1)
  expect(proxy.accepted).toBe(2)
})

test('[L3] a connection that one end has ended is noticed by the other, and is back', async () => {
  const { proxy, ada, grace } = await meet()
  const metAtMs = sharedNowMs()
  for (const way of ['up', 'down'] as const) {
    const atMs = sharedNowMs()
    proxy.connections.at(-1)?.halfClose(way)
    holdAgainst('back-lost', (await comesBack(grace, ada, atMs)) - atMs)
  }
  // Were it forgotten that it is back, it would be gone by then.
  await pass(settings.graceMs + 1_000)
  holdAgainst('silent-return', departures(ada, metAtMs) + departures(grace, metAtMs))
})

test('[L2] a network that swallows everything for a moment is noticed by nobody', async () => {
  const { proxy, ada, grace } = await meet(calm)
  talk([ada, grace])
  const atMs = sharedNowMs()
  await blink(async (awhile) => {
    proxy.blackhole()
    const fromMs = sharedNowMs()
    await awhile
    expect(hasHeard(ada, grace, fromMs)).toBe(false)
    proxy.heal()
    await ada.crowd.until(() => hasHeard(ada, grace, fromMs), patienceMs, 'grace is heard again')
  })
  holdAgainst('silent-return', departures(ada, atMs) + departures(grace, atMs))
  expect(proxy.accepted).toBe(1)
  expect(grace.status).toBe('connected')
})

test('[L2] [L5] who is behind a network that swallows everything is gone within its lease, and back when it heals', async () => {
  const { proxy, ada, grace } = await meet()
  talk([ada, grace])
  const atMs = sharedNowMs()
  proxy.blackhole()
  holdAgainst('gone-silent', (await ada.misses(room, grace, patienceMs)) - atMs)
  const healedAtMs = sharedNowMs()
  proxy.heal()
  holdAgainst('back-healed', (await comesBack(grace, ada, healedAtMs)) - healedAtMs)
  await grace.meets(room, ada, patienceMs)
})

test('[L3] [R5] who is refused for a while is gone when the grace has passed, and back when it is let in', async () => {
  const { proxy, ada, grace } = await meet()
  talk([ada, grace])
  const atMs = sharedNowMs()
  proxy.isRefusing = true
  proxy.cut()
  holdAgainst('gone-killed', (await ada.misses(room, grace, patienceMs)) - atMs)
  const healedAtMs = sharedNowMs()
  proxy.heal()
  holdAgainst('back-healed', (await comesBack(grace, ada, healedAtMs)) - healedAtMs)
  expect(ada.errors).toEqual([])
})

test('[L2] [S4] behind a long way and a narrow one everything arrives, and nobody is lost', async () => {
  const { proxy, ada, grace } = await meet(calm)
  const atMs = sharedNowMs()
  for (const weather of [{ delayMs: 300 }, { bytesPerSecond: 20_000 }]) {
    proxy.slowDown(weather)
    const stop = talk([ada, grace])
    await pass(settings.ttlMs * 1.5)
    stop()
    const last = JSON.stringify(weather)
    for (const person of [ada, grace]) person.update(room, last)
    await Promise.all([hears(ada, grace, last), hears(grace, ada, last)])
    const own = (await grace.look(room)).find(({ clientId }) => clientId === grace.clientId)
    expect(own?.data).toBe(last)
  }
  holdAgainst('silent-return', departures(ada, atMs) + departures(grace, atMs))
})

/** Both listen to the room in which entries have an end of their own. */
function listenToTimed(...people: readonly Person[]): void {
  for (const person of people) person.listen(timed)
}

test('[L1] a timed lease outlives its connection, until its end and no longer', async () => {
  const { going, ada, grace } = await meet()
  talk([ada, grace])
  listenToTimed(ada, grace)
  // Longer than the grace, which is not for it.
  const ttlMs = settings.graceMs * 2
  grace.heartbeat(timed, 'typing', ttlMs)
  await Promise.all([ada.meets(timed, grace, patienceMs), grace.meets(timed, grace, patienceMs)])
  going.kill()
  const lateMs = await lateness(ada, grace, ttlMs)
  holdAgainst('expiry-late', lateMs)
  expect(lateMs).toBeGreaterThan(-earlyMaxMs)
})

test('[P7] of a heartbeat that was called offline, others see what is left of it', async () => {
  const { proxy, ada, grace } = await meet()
  listenToTimed(ada, grace)
  const ttlMs = 10_000
  proxy.isRefusing = true
  proxy.cut()
  await grace.crowd.until(() => grace.status === 'reconnecting', patienceMs, 'grace is offline')
  grace.heartbeat(timed, 'typing', ttlMs)
  await grace.meets(timed, grace, patienceMs)
  // Longer than an expiry may be late.
  await pass(2_500)
  proxy.heal()
  await ada.meets(timed, grace, ttlMs)
  const lateMs = await lateness(ada, grace, ttlMs)
  holdAgainst('expiry-late', lateMs)
  expect(lateMs).toBeGreaterThan(-earlyMaxMs)
})

test('[P7] [P6] a leave that was called offline is taken when its client is back', async () => {
  // Time to be back in, so that it is the leave that ends the entry.
  const { proxy, ada, grace } = await meet({ ttlMs: 30_000, config: { graceMs: 15_000 } })
  const atMs = sharedNowMs()
  proxy.isRefusing = true
  proxy.cut()
  await grace.crowd.until(() => grace.status === 'reconnecting', patienceMs, 'grace is offline')
  grace.leave(room)
  proxy.heal()
  const backAtMs = await becomes(grace, 'connected', atMs)
  holdAgainst('leave-owed', (await ada.misses(room, grace, patienceMs)) - backAtMs)
  expect(ada.changes(room, atMs).flatMap(([, , , , , left]) => left)).toEqual([[grace.clientId, 'left']])
})
