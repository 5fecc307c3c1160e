import { onTestFinished } from 'vitest'
import { sharedNowMs, type Crowd, type Person } from './crowd.ts'
import type { ServerOptions } from './real-server.ts'
import { settings } from './scale.ts'
import { startCrowd, startProxy, startServer } from './stage.ts'

export const room = 'pr:world'
/** As long as anybody may take for anything. Where less is promised, it is measured. */
export const patienceMs = settings.ttlMs * 3 + 30_000
const talkEveryMs = 100

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

/** Everyone says something new ten times a second, until the test ends or what is returned is called. */
export function talk(people: readonly Person[]): () => void {
  let said = 0
  const timer = setInterval(() => {
    said++
    for (const person of people) person.update(room, said)
  }, talkEveryMs)
  const stop = (): void => clearInterval(timer)
  onTestFinished(stop)
  return stop
}

/** How often one saw somebody leave, since a moment. */
export function departures(person: Person, sinceMs: number, who?: Person): number {
  return person
    .changes(room, sinceMs)
    .flatMap(([, , , , , left]) => left)
    .filter(([clientId]) => who === undefined || clientId === who.clientId).length
}

/** Resolves with the moment at which the status was this, after a moment. */
export async function becomes(person: Person, status: string, sinceMs: number): Promise<number> {
  const found = (): number | undefined =>
    person.crowd.events.find(
      (event) => event[0] >= sinceMs && event[1] === person.index && event[2] === 'status' && event[3] === status,
    )?.[0]
  await person.crowd.until(() => found() !== undefined, patienceMs, `${person.index} is ${status}`)
  return found() ?? sharedNowMs()
}

/** Waits while something is as it is: not for a condition, but to see that nothing comes of it. */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms))
}

/**
 * Does something for a moment, well within the time in which either end waits for a sign of life of the other; three times,
 * so that one of them takes the ping that comes twice in `heldTtlMinMs`.
 */
export async function blink(close: (awhile: Promise<void>) => Promise<void>): Promise<void> {
  for (let times = 0; times < 3; times++) {
    await close(pass(settings.heldTtlMinMs / 4))
    await pass(settings.heldTtlMinMs / 10)
  }
}
