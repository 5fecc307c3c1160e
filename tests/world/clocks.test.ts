import { expect, test } from 'vitest'
import { sharedNowMs, type Person } from './crowd.ts'
import {
  becomes,
  calm,
  departures,
  earlyMaxMs,
  lateness,
  meet,
  meetAll,
  pass,
  patienceMs,
  room,
  talk,
  timed,
} from './meeting.ts'
import type { RealServer } from './real-server.ts'
import { settings } from './scale.ts'
import { startCrowd, startServer } from './stage.ts'
import { holdAgainst } from './truth.ts'

const hourMs = 60 * 60 * 1_000
const dayMs = 24 * hourMs

/** A module that gives the server's process a clock that is wrong from its start, and can be made to jump. */
const wrongClock = (shiftMs = 0): string => new URL(`wrong-clock.mjs?shiftMs=${shiftMs}`, import.meta.url).href

/** The server's clock jumps; resolves when it has. */
async function jump(server: RealServer, shiftMs: number): Promise<void> {
  const from = server.log.length
  server.tell({ shiftMs })
  await expect.poll(() => server.log.slice(from), { timeout: patienceMs }).toContain(`jumped by ${shiftMs} ms`)
}

/** The server's clock beyond the clock that all share, where nothing has jumped: both run on this machine. */
const trueClock = (): number => Date.now() - sharedNowMs()

/** All of them see when a heartbeat of one of them ends, each late by no more than is promised. */
async function holdExpiry(sender: Person, seers: readonly Person[], ttlMs: number): Promise<void> {
  for (const person of [sender, ...seers]) person.listen(timed)
  const calledAtMs = sharedNowMs()
  sender.heartbeat(timed, 'typing', ttlMs)
  for (const person of [sender, ...seers]) await person.meets(timed, sender, patienceMs)
  for (const lateMs of await Promise.all([sender, ...seers].map((seer) => lateness(seer, sender, ttlMs, calledAtMs)))) {
    holdAgainst('expiry-late', lateMs)
    expect(lateMs).toBeGreaterThan(-earlyMaxMs)
  }
}

test('[P2] [P3] an expiry is seen when the lease has run out, and soon', async () => {
  const { ada, grace } = await meet()
  for (const ttlMs of [1_000, 1_500, 2_000]) {
    await holdExpiry(ada, [grace], ttlMs)
    await holdExpiry(grace, [ada], ttlMs)
  }
})

test.each([
  ['ahead', dayMs],
  ['behind', -dayMs],
])('[C1] a client whose clock is a day %s behaves like any other', async (_, shiftMs) => {
  const server = await startServer()
  const [right, wrong] = await Promise.all([startCrowd(), startCrowd({ shiftMs })])
  const [ada, grace] = await Promise.all([right.come(server.url), wrong.come(server.url)])
  for (const person of [ada, grace]) {
    person.listen(room)
    person.track(room, 'here', settings.ttlMs)
  }
  const metAtMs = await meetAll([ada, grace])
  await holdExpiry(ada, [grace], 2_000)
  await holdExpiry(grace, [ada], 2_000)
  for (const person of [ada, grace]) {
    holdAgainst('clock-off', Math.abs((await person.clock()) - trueClock()))
    const present = await person.look(room)
    expect(new Set(present.map(({ clientId }) => clientId))).toEqual(new Set([ada.clientId, grace.clientId]))
  }
  // Longer than leases last.
  await pass(settings.ttlMs)
  holdAgainst('silent-return', departures(ada, metAtMs) + departures(grace, metAtMs))
  const atMs = sharedNowMs()
  wrong.kill()
  holdAgainst('gone-killed', (await ada.misses(room, grace, patienceMs)) - atMs)
})

test('[C1] a client whose clock jumps an hour and back connects anew at most once, and others see nothing', async () => {
  const { proxy, going, ada, grace } = await meet(calm)
  const atMs = sharedNowMs()
  talk([ada, grace])
  for (const ms of [hourMs, -hourMs]) {
    going.shiftClock(ms)
    // As long as it takes to lose a connection.
    await pass(calm.config.heldTtlMinMs * 0.9)
    await grace.crowd.until(() => grace.status === 'connected', patienceMs, 'grace is connected')
    // The jump forward may look like a long silence; the one back looks like nothing.
    expect(proxy.accepted).toBeLessThanOrEqual(2)
    holdAgainst('clock-off', Math.abs((await grace.clock()) - trueClock()))
  }
  await pass(settings.graceMs)
  holdAgainst('silent-return', departures(ada, atMs) + departures(grace, atMs))
})

test('[C1] [P1] a server whose clock jumps an hour ends no lease early, and none late', async () => {
  const { server, proxy, ada, grace } = await meet({ ...calm, preload: wrongClock() })
  const atMs = sharedNowMs()
  talk([ada, grace])
  const ttlMs = 2_500
  for (const ms of [hourMs, -hourMs]) {
    // The jump comes while the lease runs.
    const over = holdExpiry(ada, [grace], ttlMs)
    await grace.meets(timed, ada, patienceMs)
    await jump(server, ms)
    // Longer than what is held lasts by itself.
    const long = pass(Math.max(settings.ttlMs, calm.config.heldTtlMinMs))
    await over
    // And what is put after it.
    await holdExpiry(grace, [ada], 1_500)
    await long
    holdAgainst('silent-return', departures(ada, atMs) + departures(grace, atMs))
    for (const person of [ada, grace]) holdAgainst('clock-off', Math.abs((await person.clock()) - trueClock()))
    // The jump forward may cost a connection; the one back does not.
    expect(proxy.accepted).toBeLessThanOrEqual(2)
  }
})

const resume = { restart: 'resume' } as const

/** Server and client have gone without a word; what was put is to last an hour and a half, or less. */
async function leaveBehind(shiftMs: number, shortMs: number, heldMs: number) {
  const server = await startServer({ config: resume, preload: wrongClock(shiftMs) })
  const [staying, going] = await Promise.all([startCrowd(), startCrowd()])
  const [ada, grace] = await Promise.all([staying.come(server.url), going.come(server.url)])
  const leases = { 'pr:long': hourMs * 1.5, 'pr:short': shortMs } as const
  for (const [key, ttlMs] of Object.entries(leases)) {
    for (const person of [ada, grace]) person.listen(key)
    grace.heartbeat(key, 'typing', ttlMs)
    await ada.meets(key, grace, patienceMs)
  }
  grace.listen(room)
  ada.listen(room)
  grace.track(room, 'here', heldMs)
  await ada.meets(room, grace, patienceMs)
  // What was put is on the disk soon; that it is cannot be seen from here.
  await pass(settings.persistMs)
  // First, so that it is not the grace by which what is held ends.
  await server.kill()
  going.kill()
  return { server, ada, grace }
}

test('[R1] a restart after the clock went an hour forward ends what ends within that hour', async () => {
  // So long that it is the hour which ends them.
  const { server, ada, grace } = await leaveBehind(0, 60_000, 60_000)
  const atMs = sharedNowMs()
  await server.start({ config: resume, preload: wrongClock(hourMs) })
  await becomes(ada, 'connected', atMs)
  for (const key of ['pr:short', room]) {
    await ada.misses(key, grace, 1_000)
    expect(ada.changes(key, atMs).length, `she was in ${key} until then`).toBe(1)
  }
  const [entry] = await ada.look('pr:long')
  const leftMs = (entry?.expiresAtMs ?? 0) - (await ada.clock()) - sharedNowMs()
  expect(leftMs).toBeGreaterThan(hourMs * 0.4)
  expect(leftMs).toBeLessThan(hourMs * 0.5)
})

test('[R1] [R3] a restart after the clock went an hour back lets nothing live longer than its lease', async () => {
  const { server, ada, grace } = await leaveBehind(hourMs, 5_000, settings.ttlMs)
  const atMs = sharedNowMs()
  await server.start({ config: resume, preload: wrongClock() })
  const startedAtMs = sharedNowMs()
  await becomes(ada, 'connected', atMs)
  holdAgainst('gone-silent', (await ada.misses(room, grace, patienceMs)) - startedAtMs)
  await ada.misses('pr:short', grace, 5_000 + 1_000)
  const [entry] = await ada.look('pr:long')
  const leftMs = (entry?.expiresAtMs ?? 0) - (await ada.clock()) - sharedNowMs()
  expect(leftMs).toBeGreaterThan(hourMs)
  expect(leftMs).toBeLessThanOrEqual(hourMs * 1.5)
})
