import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Crowd } from './crowd.ts'
import type { RealServer } from './real-server.ts'
import type { Trouble } from './trouble.ts'

// Backoff is at its longest, and everybody comes.
const restMs = 45_000
// Who is there is known by then; their newest data may still be on the way.
const newsMs = 10_000

/** Resolves when everybody sees who is there; rejects with those who do not. */
export async function untilAllSee(trouble: Trouble, when: string): Promise<void> {
  for (const endsAtMs = performance.now() + restMs; trouble.strangers.length > 0; await sleep(50)) {
    if (performance.now() < endsAtMs) continue
    const told = trouble.strangers.map(({ person, room }) => `${person.clientId} (${person.status}) in ${room}`)
    throw new Error(`${restMs} ms ${when} they do not see what is there (seed ${trouble.seed}): ${told.join(', ')}`)
  }
}

/** Data by `clientId`. */
type Seen = ReadonlyMap<number, unknown>

/** What there is to be seen in a room at rest, and what each of its clients sees, and one that has just come. */
export async function whatIsSeen(
  trouble: Trouble,
  room: string,
  watcher: Crowd,
  server: RealServer,
): Promise<{ readonly truth: Seen; readonly seen: ReadonlyMap<number, Seen> }> {
  const fresh = await watcher.come(server.url)
  fresh.listen(room)
  await watcher.until(() => fresh.roomStatus(room) === 'live', 10_000, `${room} is live`)
  const expected = trouble.living.filter((actor) => actor.room === room)
  const truth: Seen = new Map(expected.map(({ person, data }) => [person.clientId, data]))
  const seen = new Map<number, Seen>()
  for (const person of [fresh, ...expected.map((actor) => actor.person)]) {
    for (const endsAtMs = performance.now() + newsMs; ; await sleep(50)) {
      const sees = new Map((await person.look(room)).map(({ clientId, data }) => [clientId, data]))
      seen.set(person.clientId, sees)
      if (isDeepStrictEqual(sees, truth) || performance.now() > endsAtMs) break
    }
  }
  return { truth, seen }
}
