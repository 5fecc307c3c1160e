import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { sharedNowMs, type Crowd, type Person, type StatusAt } from './crowd.ts'
import type { ServerOptions } from './real-server.ts'
import { settings } from './scale.ts'
import { startCrowd, startProxy, startServer } from './stage.ts'

export const room = 'pr:world'
/** A room in which entries have an end of their own. */
export const timed = 'pr:world/typing'
/** As long as anybody may take for anything. Where less is promised, it is measured. */
export const patienceMs = settings.ttlMs * 3 + 30_000
const talkEveryMs = 100

/** Where no connection may be lost: leases so long that a busy machine is not taken for a dead one. */
export const calm = { config: { heldTtlMinMs: Math.max(settings.heldTtlMinMs, 6_000) } }

export interface MeetOptions extends ServerOptions {
  readonly ttlMs?: number
}

/** A server, somebody who stays, and somebody in a process and behind a network of their own: both in the room. */
export async function meet({ ttlMs = settings.ttlMs, ...options }: MeetOptions = {}) {
  const server = await startServer(options)
  const proxy = await startProxy(server)
  const [staying, going] = await Promise.all([startCrowd(), startCrowd()])
  const [ada, grace] = await Promise.all([staying.come(server.url), going.come(proxy.url)])
  for (const person of [ada, grace]) {
    person.listen(room)
    person.track(room, person.index, ttlMs)
  }
  await meetAll([ada, grace])
  return { server, proxy, staying, going, ada, grace }
}

/** Some more come into the room, all of them. */
export async function gather(crowd: Crowd, url: string, count: number, ttlMs: number): Promise<readonly Person[]> {
  const people = await Promise.all(Array.from({ length: count }, () => crowd.come(url)))
  for (const person of people) {
    person.listen(room)
    person.track(room, 'here', ttlMs)
  }
  return people
}

/** Resolves with the moment at which everyone saw everyone. */
export async function meetAll(people: readonly Person[], withinMs = patienceMs): Promise<number> {
  const moments = await Promise.all(people.flatMap((one) => people.map((other) => one.meets(room, other, withinMs))))
  return Math.max(...moments)
}

/** Somebody new, and what is in the room for them: data by `clientId`. */
export async function lookAnew(url: string) {
  const crowd = await startCrowd()
  const watcher = await crowd.come(url)
  watcher.listen(room)
  await crowd.until(() => watcher.roomStatus(room) === 'live', patienceMs, 'the room is live')
  const shown = new Map((await watcher.look(room)).map(({ clientId, data }) => [clientId, data]))
  return { watcher, shown }
}

/** Everyone says what time it is ten times a second, until the test ends or what is returned is called. */
export function talk(people: readonly Person[]): () => void {
  const timer = setInterval(() => {
    for (const person of people) person.update(room, sharedNowMs())
  }, talkEveryMs)
  const stop = (): void => clearInterval(timer)
  onTestFinished(stop)
  return stop
}

/** Whether one has heard what another said at a moment or later, of those who say what time it is. */
export function hasHeard(listener: Person, { clientId }: Person, sinceMs: number): boolean {
  return Number(listener.sees(room).get(clientId)) >= sinceMs
}

/**
 * Resolves with the moment from which on somebody is back who was away until then: their own room is live, and somebody else
 * has heard what they said since.
 */
export async function comesBack(person: Person, other: Person, sinceMs: number): Promise<number> {
  person.update(room, sharedNowMs())
  const heard = other.crowd.until(
    () => hasHeard(other, person, sinceMs),
    patienceMs,
    `${other.index} hears of ${person.clientId} again`,
  )
  return Math.max(...(await Promise.all([turns(person, person.roomStatuses(room), 'live', sinceMs), heard])))
}

/** How often one saw somebody leave, since a moment. */
export function departures(person: Person, sinceMs: number, who?: Person): number {
  return person
    .changes(room, sinceMs)
    .flatMap(([, , , , , left]) => left)
    .filter(([clientId]) => who === undefined || clientId === who.clientId).length
}

/** Resolves with the moment at which the status was this, after a moment. */
export function becomes(person: Person, status: string, sinceMs: number): Promise<number> {
  return turns(person, person.statuses, status, sinceMs)
}

async function turns(person: Person, statuses: readonly StatusAt[], status: string, sinceMs: number): Promise<number> {
  const found = (): number | undefined => statuses.find(([atMs, each]) => atMs >= sinceMs && each === status)?.[0]
  await person.crowd.until(() => found() !== undefined, patienceMs, `${person.index} is ${status}`)
  return found() ?? Number.NaN
}

/** Between a moment at the sender and the same one at another: two estimates of the server's clock, and a message. */
export const earlyMaxMs = 250

/** By how much one saw a timed entry longer than its sender meant, who showed it to itself when it was put: after a moment. */
export async function lateness(seer: Person, sender: Person, ttlMs: number, sinceMs = 0): Promise<number> {
  const shownAtMs = sender.changes(timed, sinceMs)[0]?.[0] ?? Number.NaN
  return (await seer.misses(timed, sender, ttlMs + patienceMs)) - shownAtMs - ttlMs
}

/** Resolves with the moment at which something was so that nobody tells of. */
export async function until(isSo: () => boolean, what: string, withinMs = patienceMs): Promise<number> {
  for (const endsAtMs = sharedNowMs() + withinMs; !isSo(); await sleep(5))
    if (sharedNowMs() > endsAtMs) throw new Error(`Not within ${withinMs} ms: ${what}.`)
  return sharedNowMs()
}

/** Waits while something is as it is: not for a condition, but to see that nothing comes of it. */
export function pass(ms: number): Promise<void> {
  return sleep(ms)
}

/**
 * Does something for a moment, a third of the time in which either end waits for a sign of life of the other; four times, at
 * each quarter of the time between two pings, so that one of them takes a ping. Ends when a connection would be lost by
 * the last one. For those who are `calm`.
 */
export async function blink(close: (awhile: Promise<void>) => Promise<void>): Promise<void> {
  const { heldTtlMinMs } = calm.config
  const atMs = sharedNowMs()
  for (let times = 1; times <= 4; times++) {
    await close(pass(heldTtlMinMs / 8))
    await pass(atMs + times * heldTtlMinMs * 0.375 - sharedNowMs())
  }
  await pass(heldTtlMinMs * 0.2)
}
