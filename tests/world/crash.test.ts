import { setTimeout as sleep } from 'node:timers/promises'
import { randomFrom } from '@app/testkit'
import { expect, test } from 'vitest'
import { connectStock, stockClient } from '../integration/stock-client.ts'
import { sharedNowMs, type Person } from './crowd.ts'
import { DiskView } from './disk.ts'
import { lookAnew, patienceMs, room } from './meeting.ts'
import type { RealServer } from './real-server.ts'
import { isLong, settings } from './scale.ts'
import { startCrowd, startServer } from './stage.ts'
import { holdAgainst } from './truth.ts'

const config = { restart: 'resume' }
// Longer than a test: what is on disk is looked at, not what is left of a lease.
const longMs = 300_000
const rounds = isLong ? 6 : 2
const each = isLong ? 20 : 8
const seed = Number(process.env['CRASH_SEED'] ?? 1)

/** What one of the room was, as its peer saw it: each change with its moment; undefined is gone. */
function historyOf(peer: Person, clientId: number, untilMs: number): (readonly [atMs: number, data: unknown])[] {
  const history: (readonly [number, unknown])[] = []
  for (const event of peer.changes(room)) {
    if (event[0] > untilMs) break
    if (event[5].some(([id]) => id === clientId)) history.push([event[0], undefined])
    const heard = event[4].find(([id]) => id === clientId)
    if (heard) history.push([event[0], heard[1]])
  }
  return history
}

/**
 * How long what is shown had not been so any more when the server was killed; 0 when it still was. Data only grow, and the
 * peer need not have seen each of them.
 */
function outdatedMs(history: readonly (readonly [number, unknown])[], shown: unknown, killedAtMs: number): number {
  const isShown = (data: unknown): boolean =>
    shown === undefined || data === undefined ? data === shown : Number(data) <= Number(shown)
  // It was on the disk before the peer was told.
  if (shown !== undefined && history.every(([, data]) => data === undefined || Number(data) < Number(shown))) return 0
  const replaced = history[history.map(([, data]) => isShown(data)).lastIndexOf(true) + 1]
  return replaced === undefined ? 0 : killedAtMs - replaced[0]
}

// Who comes and leaves does not wait for data, however seldom they are written.
const isSeldom = (round: number): boolean => round % 2 === 1
const configOf = (round: number): Record<string, unknown> =>
  isSeldom(round) ? { ...config, persistMs: 20_000 } : config

/** Somebody of each kind is in the room and lives there for a while. Resolves with the end of it. */
async function crowdTheRoom(server: RealServer, peer: Person, random: () => number) {
  const crowd = await startCrowd({ hearsUpdates: false })
  const people = await Promise.all(Array.from({ length: each * 4 }, () => crowd.come(server.url)))
  const kind = (i: number): Person[] => people.slice(i * each, (i + 1) * each)
  const [moving, flickering, leaving, dying] = [kind(0), kind(1), kind(2), kind(3)]
  for (const person of [...moving, ...flickering, ...leaving]) person.track(room, 0, longMs)
  for (const person of dying) person.track(room, 'dying', settings.ttlMs)
  const areAllHere = (): boolean => people.every(({ clientId }) => peer.sees(room).has(clientId))
  await peer.crowd.until(areAllHere, patienceMs, `all are here (seed ${seed})`)

  let isOver = false
  const trafficMs = 1_500 + random() * 2_500
  const act = async (does: (i: number) => void): Promise<void> => {
    for (let i = 1; !isOver; i++) {
      does(i)
      await sleep(20 + random() * 180)
    }
  }
  const leave = async (person: Person): Promise<void> => {
    await sleep(random() * trafficMs)
    if (!isOver) person.leave(room)
  }
  const lives = [
    ...moving.map((person) => act((i) => person.update(room, i))),
    ...flickering.map((person) => act((i) => (i % 2 === 1 ? person.leave(room) : person.heartbeat(room, i, longMs)))),
    ...leaving.map(leave),
  ]
  await sleep(trafficMs)
  const end = async (): Promise<void> => {
    crowd.kill()
    isOver = true
    await Promise.all(lives)
  }
  return { moving, flickering, leaving, dying, end }
}

test('[R3] a crash under traffic loses what is younger than persistMs, and no leave; who is not back is gone in time', async () => {
  const random = randomFrom(seed)
  const server = await startServer({ config: configOf(0) })
  const peer = await (await startCrowd()).come(server.url)
  peer.listen(room)
  const worst = { dataMs: 0, leftMs: 0, ghostMs: 0 }

  for (let round = 0; round < rounds; round++) {
    const { moving, flickering, leaving, dying, end } = await crowdTheRoom(server, peer, random)
    // Not when this process hears of it, which may be much later on a busy machine.
    const killedAtMs = sharedNowMs()
    await server.kill()
    await end()
    await server.start({ config: configOf(round + 1) })

    const { watcher, shown } = await lookAnew(server.url)
    const outdated = (clientId: number, history: ReturnType<typeof historyOf>): number => {
      const ms = outdatedMs(history, shown.get(clientId), killedAtMs)
      // What there is to look at should it be too long.
      if (ms > settings.persistMs)
        console.log(
          `${clientId} is ${String(shown.get(clientId))}, ${ms} ms late; killed at ${killedAtMs}:`,
          history.slice(-5),
        )
      return ms
    }
    const worstOf = (people: readonly Person[]): number =>
      Math.max(...people.map(({ clientId }) => outdated(clientId, historyOf(peer, clientId, killedAtMs))))
    for (const { clientId } of moving) {
      expect(shown.has(clientId), `${clientId} stays (seed ${seed})`).toBe(true)
      expect(historyOf(peer, clientId, killedAtMs).length, `${clientId} was seen to move`).toBeGreaterThan(3)
    }
    if (!isSeldom(round)) worst.dataMs = Math.max(worst.dataMs, worstOf(moving))
    worst.leftMs = Math.max(worst.leftMs, worstOf(flickering), worstOf(leaving))
    // For who has come anew, and for who was here all the time.
    const eyes = [watcher, peer]
    await Promise.all(
      eyes.flatMap((eye) => dying.map((person) => eye.misses(room, person, settings.ttlMs + patienceMs))),
    )
    // When they were told: on a busy machine it may be over before anybody can look.
    const goneAtMs = eyes.flatMap((eye) =>
      dying.flatMap(({ clientId }) =>
        eye
          .changes(room, killedAtMs)
          .filter((event) => event[5].some(([id]) => id === clientId))
          .map((event) => event[0]),
      ),
    )
    expect(goneAtMs.length, 'somebody was told that they are gone').toBeGreaterThan(0)
    worst.ghostMs = Math.max(worst.ghostMs, ...goneAtMs.map((atMs) => atMs - killedAtMs))
    watcher.close()
  }

  console.log(`seed ${seed}, ${rounds} crashes: ${JSON.stringify(worst)}`)
  holdAgainst('crash-data', worst.dataMs)
  holdAgainst('crash-left', worst.leftMs)
  holdAgainst('crash-ghost', worst.ghostMs)
})

test('[R1] what had expired before a crash, or does while the server is away, stays expired', async () => {
  const server = await startServer({ config })
  const crowd = await startCrowd()
  const people = await Promise.all(Array.from({ length: 3 }, () => crowd.come(server.url)))
  const [peer, ada, grace] = people as [Person, Person, Person]
  peer.listen(room)
  peer.track(room, 'peer', longMs)
  ada.heartbeat(room, 'ada', 1_000)
  await peer.meets(room, ada, patienceMs)
  await peer.misses(room, ada, patienceMs)
  grace.heartbeat(room, 'grace', 2_000)
  await peer.meets(room, grace, patienceMs)
  const endsAtMs = sharedNowMs() + 2_000
  const disk = new DiskView(server.file)
  await expect.poll(() => disk.entries(room).has(grace.clientId), { timeout: 1_000, interval: 5 }).toBe(true)
  await server.kill()
  crowd.kill()
  await sleep(endsAtMs - sharedNowMs())
  await server.start({ config })
  const { shown } = await lookAnew(server.url)
  expect(shown).toEqual(new Map([[peer.clientId, 'peer']]))
})

test('[A1] a second after a client was let in, at the latest, a crash does not matter: it is the only one that may come by its name', async () => {
  const server = await startServer({ config })
  const ada = await connectStock(server.url)
  const { clientId, secret } = ada
  const disk = new DiskView(server.file)
  await expect.poll(() => disk.clients(), { timeout: 1_000, interval: 5 }).toContain(clientId)
  await server.kill()
  await server.start({ config })
  const eve = stockClient(server.url, { clientId, secret: 'e'.repeat(32) })
  expect(await eve.next('connect_error')).toMatchObject([{ code: 'client-id-taken' }])
  await connectStock(server.url, { clientId, secret })
})
