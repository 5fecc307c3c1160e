import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '@app/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PresenceStore } from '../store.ts'
import { createCounters } from '../counters.ts'
import { WriteBehind } from '../write-behind.ts'
import { sqliteStore } from './sqlite-store.ts'

let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'presence-'))
  file = join(directory, 'presence.db')
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(directory, { recursive: true })
})

const anEntry = (clientId: number) => ({
  ...{ room: 'pr:atelier', clientId, user: { id: 'ada' }, json: '1', n: 1, joinedAtMs: 0 },
  ...{ ttlMs: 60_000, isHeld: false, expiresAtMs: 60_000 },
})
const aClient = (clientId: number) => ({ clientId, secretHash: 'ab'.repeat(32), userId: undefined, seenAtMs: 1 })

/** Counts the statements that run in this thread from now on. */
function countStatements(): () => number {
  const database = new Database(':memory:')
  const statement = Object.getPrototypeOf(database.prepare('SELECT 1')) as Database.Statement
  database.close()
  const spies = [
    ...(['run', 'get', 'all', 'iterate'] as const).map((name) => vi.spyOn(statement, name)),
    ...(['exec', 'pragma', 'prepare'] as const).map((name) => vi.spyOn(Database.prototype, name)),
  ]
  return () => spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
}

/** 5 000 entries in ten batches, with their clients, and all of them seen. Returns how many answers came later. */
async function writeMany(store: PresenceStore): Promise<number> {
  const later: Promise<void>[] = []
  const hear = (answer: void | Promise<void>): void => {
    if (answer) later.push(answer)
  }
  for (let batch = 0; batch < 10; batch++) {
    const ids = Array.from({ length: 500 }, (_, i) => batch * 500 + i)
    hear(store.write({ gone: [], entries: ids.map(anEntry), clients: ids.map(aClient), forgotten: [] }))
    hear(store.writeSeen(ids.map((id) => [id, 2])))
  }
  await Promise.all(later)
  return later.length
}

test('a file is written without a single statement in this thread', async () => {
  const store = sqliteStore({ file })
  store.open({ restart: 'fresh', nowMs: 0 })
  const statements = countStatements()
  expect(await writeMany(store)).toBe(20)
  expect(statements()).toBe(0)
  await store.close()
  const again = sqliteStore({ file })
  const { entries, clients } = again.open({ restart: 'resume', nowMs: 0 })
  expect([entries.length, clients.filter((client) => client.seenAtMs === 2).length]).toEqual([5_000, 5_000])
  await again.close()
})

test('what is only in memory is written at once, in this thread', async () => {
  const store = sqliteStore({ file: ':memory:' })
  store.open({ restart: 'fresh', nowMs: 0 })
  const statements = countStatements()
  expect(await writeMany(store)).toBe(0)
  expect(statements()).toBeGreaterThanOrEqual(15_000)
  expect(store.close()).toBeUndefined()
})

test('a store that is not open takes nothing', async () => {
  const store = sqliteStore({ file })
  expect(() => store.writeSeen([])).toThrow('not open')
  store.open({ restart: 'fresh', nowMs: 0 })
  await store.close()
  expect(() => store.writeSeen([])).toThrow('not open')
  await store.close()
})

test('[R3] what another program keeps from being written is written once it lets go', async () => {
  const store = sqliteStore({ file })
  store.open({ restart: 'fresh', nowMs: 0 })
  const write = vi.spyOn(store, 'write')
  const clock = new FakeClock()
  const said: [string, unknown][] = []
  const writeBehind = new WriteBehind({
    store,
    clock,
    counters: createCounters(),
    persistMs: 1_000,
    logger: {
      debug() {},
      warn() {},
      info: (_, sentence) => void said.push([sentence, undefined]),
      error: (details, sentence) => void said.push([sentence, details]),
    },
    entry: ({ clientId }) => anEntry(clientId),
    client: aClient,
  })
  const other = new Database(file)
  other.exec('BEGIN IMMEDIATE')
  writeBehind.saveClient(1)
  writeBehind.saveEntry({ room: 'pr:atelier', clientId: 1 }, 'next')
  clock.advance(0)
  writeBehind.saveEntry({ room: 'pr:atelier', clientId: 2 }, 'next')
  await expect(write.mock.results[0]?.value).rejects.toThrow('database is locked')
  other.close()
  clock.advance(1_000)
  await write.mock.results[1]?.value
  writeBehind.saveEntry({ room: 'pr:atelier', clientId: 3 }, 'soon')
  await writeBehind.close()
  expect(said).toMatchObject([
    [expect.stringContaining('cannot be written'), { err: { code: 'SQLITE_BUSY' } }],
    [expect.stringContaining('can be written again'), undefined],
  ])

  const again = sqliteStore({ file })
  const { entries, clients } = again.open({ restart: 'resume', nowMs: 0 })
  expect(entries.map((entry) => entry.clientId)).toEqual([1, 2, 3])
  expect(clients).toEqual([aClient(1)])
  await again.close()
})
