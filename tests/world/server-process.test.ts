import { expect, test } from 'vitest'
import { sharedNowMs, type Crowd, type Person } from './crowd.ts'
import { departures, gather, hasHeard, meetAll, pass, patienceMs, room, talk, timed } from './meeting.ts'
import { defaults, settings } from './scale.ts'
import { startCrowd, startProxy, startServer } from './stage.ts'
import { holdAgainst } from './truth.ts'

const peopleCount = 12

/** A busy room, all of whom come through one network. */
async function busyRoom(restart: 'fresh' | 'resume', ttlMs: number, heldTtlMinMs: number) {
  const config = { restart, heldTtlMinMs }
  const server = await startServer({ config })
  const proxy = await startProxy(server)
  const crowd = await startCrowd()
  const people = await gather(crowd, proxy.url, peopleCount, ttlMs)
  await meetAll(people)
  talk(people)
  return { config, server, proxy, crowd, people }
}

/** The server is killed and starts again; how long that takes is hidden by the network. Returns since when it is there. */
async function killAndStart({ config, server, proxy }: Awaited<ReturnType<typeof busyRoom>>) {
  proxy.blackhole()
  await server.kill()
  await server.start({ config })
  const atMs = sharedNowMs()
  proxy.heal()
  return atMs
}

// Silence is noticed after 0.4 of it, at the earliest: a server has started by then, on a busy machine, too.
const unnoticedMs = defaults.heldTtlMinMs

/** How many noticed something of the server, between two moments. */
function noticed(people: readonly Person[], fromMs: number, toMs: number): number {
  return people.filter(({ statuses }) => statuses.some(([atMs]) => atMs >= fromMs && atMs < toMs)).length
}

/** How many were in the room, by what one saw, after each change since a moment. */
function sizes(person: Person, sinceMs: number): readonly number[] {
  const present = new Set<number>()
  const found: number[] = []
  for (const [atMs, , , , heard, left] of person.changes(room)) {
    for (const [clientId] of left) present.delete(clientId)
    for (const [clientId] of heard) present.add(clientId)
    if (atMs >= sinceMs) found.push(present.size)
  }
  return found
}

/** Resolves with the moment from which on everyone sees everyone, and has heard what each said since a moment. */
function wholeAgain(crowd: Crowd, people: readonly Person[], sinceMs: number): Promise<number> {
  const isWhole = (person: Person): boolean =>
    person.sees(room).size === people.length && people.every((other) => hasHeard(person, other, sinceMs))
  return crowd.until(() => people.every(isWhole), patienceMs, 'all are whole again')
}

test('[R2] [R5] a server that is killed and starts fresh: the room is empty first, then all are back', async () => {
  const stage = await busyRoom('fresh', settings.ttlMs, unnoticedMs)
  const killedAtMs = sharedNowMs()
  const atMs = await killAndStart(stage)
  expect(noticed(stage.people, killedAtMs, atMs)).toBe(0)
  holdAgainst('back-restarted', (await wholeAgain(stage.crowd, stage.people, atMs)) - atMs)
  const smallest = stage.people.map((person) => Math.min(...sizes(person, killedAtMs)))
  // The first one back meets nobody, not even itself; a later one only those who are back.
  expect(Math.min(...smallest)).toBe(0)
  for (const person of stage.people) {
    const emptied = person.changes(room, killedAtMs).filter(([, , , , , left]) => left.length > 0)
    expect(emptied.length, 'how often one saw somebody leave').toBe(1)
  }
})

test('[R3] [R5] a server that is killed and resumes: nobody who is back in time has been away', async () => {
  // Time to start on a machine that is busy with other tests, too.
  const stage = await busyRoom('resume', Math.max(settings.ttlMs, 15_000), unnoticedMs)
  const killedAtMs = sharedNowMs()
  const atMs = await killAndStart(stage)
  expect(noticed(stage.people, killedAtMs, atMs)).toBe(0)
  holdAgainst('back-restarted', (await wholeAgain(stage.crowd, stage.people, atMs)) - atMs)
  await pass(settings.heldTtlMinMs)
  for (const person of stage.people) holdAgainst('silent-return', departures(person, killedAtMs))
})

test('[R3] [L5] who is killed together with a server that resumes is gone within its lease', async () => {
  const ttlMs = Math.max(settings.ttlMs, 10_000)
  const stage = await busyRoom('resume', ttlMs, settings.heldTtlMinMs)
  const doomed = await startCrowd()
  const eve = await doomed.come(stage.server.url)
  eve.listen(room)
  eve.track(room, 'eve', ttlMs)
  await Promise.all(stage.people.map((person) => person.meets(room, eve, patienceMs)))
  const atMs = sharedNowMs()
  doomed.kill()
  await killAndStart(stage)
  const goneAtMs = await Promise.all(stage.people.map((person) => person.misses(room, eve, patienceMs)))
  holdAgainst('gone-silent', Math.max(...goneAtMs) - atMs, { ...settings, ttlMs })
})

// Clients who hear nothing for as long as a lease lasts let go of what they saw, because it could be they who are cut off.
test.each([
  // With seconds left in which to come back, also on a machine that is busy with other tests.
  ['nearly as long as leases last, and nobody sees anybody leave', Math.max(settings.ttlMs, 10_000), 0.8, 'pause'],
  ['longer than leases last, and has still everyone', settings.ttlMs, 1.5, 'resume'],
])('[L7] a server stands still for %s', async (_, ttlMs, leases, noneSince) => {
  // Time to be back in, on a busy machine: what a standstill took from leases is what is looked at.
  const server = await startServer({ config: { graceMs: Math.max(settings.graceMs, 10_000) } })
  const crowd = await startCrowd()
  const people = await gather(crowd, server.url, peopleCount, ttlMs)
  await meetAll(people)
  // Of those who talk the server finds a sign of life when it runs again; of the others it must know by itself.
  talk(people.slice(0, peopleCount / 2))
  const [ada, grace] = people as [Person, Person]
  grace.listen(timed)
  ada.heartbeat(timed, 'typing', ttlMs * leases - 1_000)
  await grace.meets(timed, ada, patienceMs)
  const pausedAtMs = sharedNowMs()
  server.pause()
  await pass(ttlMs * leases)
  const runsAtMs = sharedNowMs()
  server.resume()
  // Who comes first gets what the server has, before anybody else is back. A timed lease ran on meanwhile, and is over.
  const late = await crowd.come(server.url)
  late.listen(timed)
  late.listen(room)
  await crowd.until(() => late.roomStatus(timed) === 'live', patienceMs, 'the late one is in the room')
  expect(late.sees(timed).size).toBe(0)
  await late.meets(room, ada, patienceMs)
  expect(sizes(late, runsAtMs)[0]).toBe(peopleCount)
  talk(people.slice(peopleCount / 2))
  holdAgainst('back-healed', (await wholeAgain(crowd, people, runsAtMs)) - runsAtMs)
  await pass(settings.graceMs + settings.heldTtlMinMs)
  const sinceMs = noneSince === 'pause' ? pausedAtMs : runsAtMs
  for (const person of [...people, late]) holdAgainst('silent-return', departures(person, sinceMs))
})

test.each([
  ['at once', 0],
  ['when the grace has passed', settings.graceMs],
])('[R2] [R5] after a server was killed that starts again %s, all are back', async (_, downMs) => {
  const server = await startServer()
  const crowd = await startCrowd()
  const people = await gather(crowd, server.url, peopleCount, settings.ttlMs)
  await meetAll(people)
  talk(people)
  await server.kill()
  await pass(downMs)
  await server.start()
  const atMs = sharedNowMs()
  holdAgainst('back-healed', (await wholeAgain(crowd, people, atMs)) - atMs)
})
