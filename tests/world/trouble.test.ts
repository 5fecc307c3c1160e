import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { troubledClients } from './bounds.ts'
import { isLong } from './scale.ts'
import { startCrowd, startServer } from './stage.ts'
import { judge } from './story.ts'
import { Trouble, type Actor } from './trouble.ts'
import { holdAgainst } from './truth.ts'

const size = isLong
  ? { clients: troubledClients, rooms: 20, processes: 5, troubleMs: 60_000 }
  : { clients: 60, rooms: 3, processes: 3, troubleMs: 10_000 }
const seed = Number(process.env['TROUBLE_SEED'] ?? 1)
const troubles = [
  ...['cut', 'outage', 'black hole', 'slow network', 'half-closed', 'leave', 'update', 'stall', 'stopped process'],
  ...['killed process', 'fresh restart of a server that crashes', 'resume restart of a server that stops'],
  'resume restart of a server that crashes',
].sort(byName)
// Backoff is at its longest, and everybody comes.
const restMs = 45_000

test('[S4] [L5] [L7] [R2] [R3] whatever happens, at rest every client sees what the server has, and nobody was a ghost for long', async () => {
  const server = await startServer()
  const trouble = new Trouble({ server, seed, ...size })
  onTestFinished(() => trouble.end())
  await trouble.gather()
  await until(strangers, 'at the beginning')

  await trouble.happen()
  await until(strangers, 'in the end')

  const watcher = await startCrowd()
  for (let i = 0; i < size.rooms; i++) {
    const room = `pr:room-${i}`
    const fresh = await watcher.come(server.url)
    fresh.listen(room)
    await watcher.until(() => fresh.roomStatus(room) === 'live', 10_000, `${room} is live`)
    const expected = trouble.living.filter((actor) => actor.room === room)
    const truth = new Map(expected.map(({ person, data }) => [person.clientId, data]))
    for (const person of [fresh, ...expected.map((actor) => actor.person)]) {
      // Who is there is known; their newest data may still be on the way.
      await vi.waitFor(async () => {
        const seen = new Map((await person.look(room)).map(({ clientId, data }) => [clientId, data]))
        expect(seen, `what ${person.clientId} sees in ${room}`).toEqual(truth)
      }, 10_000)
    }
  }

  // All that was meant to happen did.
  expect(Object.keys(trouble.counts).sort(byName)).toEqual(troubles)
  const verdict = judge(trouble.story())
  console.log(`seed ${seed}, ${size.clients} clients, ${JSON.stringify(trouble.counts)}`)
  for (const [name, { ms, what }] of Object.entries(verdict))
    console.log(`worst ${name}: ${(ms / 1_000).toFixed(2)} s, ${what}`)
  holdAgainst('trouble-ghost', verdict.ghost.ms)
  holdAgainst('trouble-left', verdict.left.ms)
  holdAgainst('trouble-absence', verdict.falseAbsence.ms)
  holdAgainst('trouble-return', verdict.slowReturn.ms)

  /** Those who do not see what is to be seen. */
  function strangers(): readonly Actor[] {
    return trouble.living.filter(({ person, room }) => {
      const others = trouble.living.filter((actor) => actor.room === room)
      const seen = person.sees(room)
      const seesAll = seen.size === others.length && others.every((other) => seen.has(other.person.clientId))
      return person.roomStatus(room) !== 'live' || !seesAll
    })
  }
}, 300_000)

async function until(strangers: () => readonly Actor[], when: string): Promise<void> {
  for (const endsAtMs = performance.now() + restMs; strangers().length > 0; await sleep(50)) {
    if (performance.now() < endsAtMs) continue
    const told = strangers().map(({ person, room }) => `${person.clientId} (${person.status}) in ${room}`)
    throw new Error(`${restMs} ms ${when} they do not see what is there (seed ${seed}): ${told.join(', ')}`)
  }
}

function byName(one: string, other: string): number {
  return one < other ? -1 : 1
}
