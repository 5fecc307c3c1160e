import { expect, onTestFinished, test } from 'vitest'
import { troubledClients } from './bounds.ts'
import { untilAllSee, whatIsSeen } from './rest.ts'
import { isLong } from './scale.ts'
import { startCrowd, startServer } from './stage.ts'
import { judge } from './story.ts'
import { Trouble } from './trouble.ts'
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

test('[S4] [L5] [L7] [R2] [R3] whatever happens, at rest every client sees what the server has, and nobody was a ghost for long', async () => {
  const server = await startServer()
  const trouble = new Trouble({ server, seed, ...size })
  onTestFinished(() => trouble.end())
  await trouble.gather()
  await untilAllSee(trouble, 'at the beginning')

  await trouble.happen()
  await untilAllSee(trouble, 'in the end')

  const watcher = await startCrowd()
  for (let i = 0; i < size.rooms; i++) {
    const { truth, seen } = await whatIsSeen(trouble, `pr:room-${i}`, watcher, server)
    for (const [clientId, sees] of seen) expect(sees, `what ${clientId} sees in pr:room-${i}`).toEqual(truth)
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
}, 300_000)

function byName(one: string, other: string): number {
  return one < other ? -1 : 1
}
