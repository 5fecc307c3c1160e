import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync, rmSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { sharedNowMs, type Crowd, type Person } from './crowd.ts'
import { diskTroubles, DiskView, readOnly, spoilDisk } from './disk.ts'
import { lookAnew, meet, patienceMs, room, until } from './meeting.ts'
import { bin, type RealServer } from './real-server.ts'
import { isLong, settings } from './scale.ts'
import { startServer } from './stage.ts'
import { holdAgainst } from './truth.ts'

// Longer than a test: what is on disk is looked at, not what is left of a lease.
const ttlMs = 300_000
// Some tries, each of which waits for half a second for a lock.
const troubleMs = isLong ? 20_000 : 2_500
const startOptions = { config: { restart: 'resume' }, preload: spoilDisk }

/** So much that it needs pages of its own. */
const data = (what: string): string => `${what} ${'x'.repeat(3_500)}`
const said = (server: RealServer, what: string): number => server.log.split(what).length - 1
const failed = 'The store cannot be written.'
const healed = 'The store can be written again.'

/** Whether the disk has these and nobody else, each with its newest data. */
function isKept(disk: DiskView, expected: ReadonlyMap<number, unknown>): boolean {
  const kept = disk.entries(room)
  return kept.size === expected.size && [...expected].every(([clientId, each]) => kept.get(clientId) === each)
}

/** A server whose disk can be spoilt, Ada who watches, and Grace: both are in the room, and on the disk. */
async function meetOnDisk(leaseMs = ttlMs) {
  const { server, staying, going, ada, grace } = await meet({ ...startOptions, ttlMs: leaseMs })
  const disk = new DiskView(server.file)
  const before = new Map<number, unknown>(
    [ada, grace].map((person) => [person.clientId, person.sees(room).get(person.clientId)]),
  )
  await until(() => isKept(disk, before), 'both are on the disk')
  return { server, crowds: [staying, going], ada, grace, disk, before }
}

/** Ada's data change as long as the trouble lasts, and Eve, who has come, sees each change at once. Returns the newest. */
async function goOn(ada: Person, eve: Person, forMs: number): Promise<string> {
  let newest = ''
  for (let i = 0, endsAtMs = sharedNowMs() + forMs; sharedNowMs() < endsAtMs; i++) {
    newest = data(`during ${i}`)
    ada.update(room, newest)
    // As quick as ever: nobody waits for the disk.
    await eve.crowd.until(() => eve.sees(room).get(ada.clientId) === newest, 1_000, `Eve sees what Ada did: ${i}`)
  }
  return newest
}

/** The server and all its clients end in the middle of it, and it starts again. Returns what somebody new is shown. */
async function crash(server: RealServer, crowds: readonly Crowd[]) {
  const killedAtMs = sharedNowMs()
  await server.kill()
  for (const crowd of crowds) crowd.kill()
  await server.start({ config: { restart: 'resume' } })
  return { killedAtMs, ...(await lookAnew(server.url)) }
}

test.for(diskTroubles.map((trouble) => [trouble.name, trouble] as const))(
  '[R3] a disk that %s: presence goes on, it is told once, and when it heals nothing is lost',
  async ([, trouble], { skip }) => {
    if (trouble.cannot !== undefined) skip(trouble.cannot)
    const { server, crowds, ada, grace, disk } = await meetOnDisk()
    const heal = trouble.begin(server)
    const eve = await ada.crowd.come(server.url)
    eve.listen(room)
    eve.track(room, data('eve'), ttlMs)
    await ada.meets(room, eve, patienceMs)
    grace.stop(room)
    await Promise.all([ada.misses(room, grace, 1_000), eve.misses(room, grace, 1_000)])
    ada.update(room, data('first'))
    await until(() => said(server, failed) > 0, 'the operator is told')
    const newest = await goOn(ada, eve, troubleMs)
    expect(said(server, failed)).toBe(1)
    expect(server.log).toContain(trouble.says)
    expect(said(server, healed)).toBe(0)

    const expected = new Map([
      [ada.clientId, newest],
      [eve.clientId, data('eve')],
    ])
    const healedAtMs = sharedNowMs()
    heal()
    holdAgainst('store-heals', (await until(() => isKept(disk, expected), 'all is on the disk')) - healedAtMs)
    await until(() => said(server, healed) > 0, 'the operator is told that it is well again')
    expect([said(server, failed), said(server, healed)]).toEqual([1, 1])
    const { shown } = await crash(server, crowds)
    expect(shown).toEqual(expected)
  },
)

test('[R3] a crash while the disk fails shows what was written last, and nothing of it for longer than its lease', async () => {
  // Long enough to be there when the server is.
  const leaseMs = Math.max(settings.ttlMs, 6_000)
  const { server, crowds, ada, grace, before } = await meetOnDisk(leaseMs)
  readOnly.begin(server)
  ada.update(room, data('first'))
  await until(() => said(server, failed) > 0, 'nothing is written any more')
  grace.stop(room)
  await ada.misses(room, grace, 1_000)
  await goOn(ada, grace, 2_000)
  const { killedAtMs, watcher, shown } = await crash(server, crowds)
  expect(shown).toEqual(before)
  const goneAtMs = await Promise.all([ada, grace].map((person) => watcher.misses(room, person, leaseMs + patienceMs)))
  holdAgainst('crash-ghost', Math.max(...goneAtMs) - killedAtMs, { ...settings, ttlMs: leaseMs })
})

test('a server whose disk fails ends in time when it is told to, and says what is lost', async () => {
  const { server, ada, grace } = await meetOnDisk()
  readOnly.begin(server)
  await goOn(ada, grace, 2_000)
  const toldAtMs = sharedNowMs()
  await server.stop()
  expect(sharedNowMs() - toldAtMs).toBeLessThan(6_000)
  await until(() => said(server, 'closed without what changed last') > 0, 'it says what is lost')
})

test.for([
  ['the database', 0o444, 0o777, 'it cannot be written'],
  ['its directory', 0o666, 0o555, 'its directory cannot be written'],
] as const)(
  'a start that may not write %s ends with a sentence and leaves nothing behind',
  async ([, fileMode, directoryMode, says], { skip }) => {
    // Modes do not bind who may do everything: then it is nobody who tries.
    const who = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
    if (spawnSync('test', ['-r', bin], who).status !== 0) skip('others cannot read the program on this machine')
    const server = await startServer()
    await server.stop()
    const { file, directory } = server
    onTestFinished(() => chmodSync(directory, 0o700))
    chmodSync(file, fileMode)
    chmodSync(directory, directoryMode)
    const before = readdirSync(directory)
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, '--port', '0', '--db', file], {
      ...who,
      ...{ cwd: '/', encoding: 'utf8', timeout: 20_000, env: { PATH: process.env['PATH'] } },
    })
    const sentence = `The database "${file}" cannot be used: ${says}. Name another file with --db.`
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: `presence-server: ${sentence}\n` })
    expect(readdirSync(directory)).toEqual(before)
  },
)

test('a database that is deleted while it runs is told of, and the next start makes a new one', async () => {
  const { server, crowds, ada, grace, disk } = await meetOnDisk()
  rmSync(server.file)
  // Who reads the old one keeps its other files in use.
  disk.close()
  await goOn(ada, grace, 2_000)
  await until(() => said(server, failed) > 0, 'the operator is told')
  expect(server.log).toContain('moved, deleted or replaced')
  const { shown } = await crash(server, crowds)
  expect(shown).toEqual(new Map())
})
