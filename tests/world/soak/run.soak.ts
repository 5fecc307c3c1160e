import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { sharedNowMs } from '../crowd.ts'
import { untilAllSee, whatIsSeen } from '../rest.ts'
import { startCrowd, startServer } from '../stage.ts'
import { judge } from '../story.ts'
import { Trouble } from '../trouble.ts'
import { Nuisances } from './nuisances.ts'
import { readSample, type Sample } from './samples.ts'
import { judgeSoak } from './verdict.ts'

/** What `npm run soak` was told. */
interface SoakOptions {
  readonly minutes: number
  readonly clients: number
  readonly seed: number
  readonly memoryMaxMb: number
  /** Where the report goes. */
  readonly report: string
}

const { minutes, clients, seed, memoryMaxMb, report } = JSON.parse(process.env['PRESENCE_SOAK'] ?? '{}') as SoakOptions
const rooms = Math.max(2, Math.round(clients / 10))
const adminToken = 'for a soak on loopback, which nobody else sees'.replaceAll(' ', '-')
const config = { adminToken }
const sampleEveryMs = 5_000
const tellEveryMs = 60_000
// A session that is over may still wait for a last poll.
const quietMs = 45_000

test('soak', { timeout: 0 }, async () => {
  const server = await startServer({ config })
  const trouble = new Trouble({
    ...{ server, config, seed, clients, rooms, processes: 4, troubleMs: minutes * 60_000 },
    visitorsPerMinute: 20,
  })
  onTestFinished(() => trouble.end())
  await trouble.gather()
  await untilAllSee(trouble, 'at the beginning')

  let run = 0
  let lastPid = server.pid
  const sample = async (): Promise<Sample> => {
    if (server.pid !== lastPid) run++
    lastPid = server.pid
    return readSample(await (await fetch(`${server.url}/metrics`)).text(), sharedNowMs(), run)
  }
  const before = await sample()
  const nuisances = new Nuisances(server, adminToken, seed, () => trouble.disturbances)
  const samples: Sample[] = []
  let isOver = false
  const sampling = (async () => {
    for (let toldAtMs = sharedNowMs(); !isOver; await sleep(sampleEveryMs)) {
      // While it starts again or stands still there is nothing to measure.
      const taken = await sample().catch(() => undefined)
      if (taken) samples.push(taken)
      if (sharedNowMs() - toldAtMs < tellEveryMs || !taken) continue
      toldAtMs = sharedNowMs()
      const { connections, entries, memoryBytes } = taken
      process.stdout.write(
        `${samples.length * (sampleEveryMs / 1_000)} s: ${connections} connections, ${entries} entries, ${Math.round(memoryBytes / 1_048_576)} MiB\n`,
      )
    }
  })()

  await trouble.happen()
  isOver = true
  await Promise.all([nuisances.end(), sampling])
  await untilAllSee(trouble, 'in the end')
  expect(samples.length).toBeGreaterThan(0)

  const watcher = await startCrowd()
  const mistaken: string[] = []
  for (let i = 0; i < rooms; i++) {
    const { truth, seen } = await whatIsSeen(trouble, `pr:room-${i}`, watcher, server)
    for (const [clientId, sees] of seen)
      if (!isDeepStrictEqual(sees, truth)) mistaken.push(`${clientId} in pr:room-${i}`)
  }
  watcher.kill()
  const living = trouble.living.length
  const after = await quiet(sample, living)

  const clientErrors: Record<string, number> = {}
  for (const code of trouble.actors.flatMap(({ person }) => person.errors))
    clientErrors[code] = (clientErrors[code] ?? 0) + 1
  const logged = server.log.split('\n').filter((line) => /^\{"level":(50|60),/.test(line))
  const serverErrors = [...logged, ...server.crashes]
  const lines = judgeSoak({
    ...{ story: judge(trouble.story()), before, samples, after, living, mistaken, serverErrors, clientErrors },
    ...{
      broken: nuisances.broken,
      answers: nuisances.answers,
      cases: nuisances.cases,
      slowEnded: nuisances.slowEnded,
      minutes,
      memoryMaxBytes: memoryMaxMb * 1_048_576,
    },
  })
  const happened = {
    ...trouble.counts,
    'hostile case': nuisances.cases,
    'end of a socket that reads nothing': nuisances.slowEnded,
  }
  mkdirSync(dirname(report), { recursive: true })
  writeFileSync(report, `${JSON.stringify({ minutes, clients, seed, happened, clientErrors, lines, samples })}\n`)
})

/** How the server stands once nothing is left of those who went. */
async function quiet(sample: () => Promise<Sample>, living: number): Promise<Sample> {
  for (const endsAtMs = performance.now() + quietMs; ; await sleep(500)) {
    const now = await sample()
    if (performance.now() > endsAtMs) return now
    if (now.connections === living && now.entries === living) {
      // Timers of what has just ended.
      await sleep(2_000)
      return sample()
    }
  }
}
