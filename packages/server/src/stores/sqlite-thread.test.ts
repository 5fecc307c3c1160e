import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SqliteThread } from './sqlite-thread.ts'

const [insert, insertSynchronous] = [0, 1] as const
const sql = ['INSERT INTO t VALUES (?)', 'INSERT INTO t SELECT synchronous FROM pragma_synchronous']

let directory: string
let file: string
let threads: SqliteThread[]
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'presence-'))
  file = join(directory, 'some.db')
  threads = []
})
afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  await Promise.all(threads.map((thread) => thread.close()))
  rmSync(directory, { recursive: true })
})

function makeDatabase(): void {
  const database = new Database(file)
  database.pragma('journal_mode = WAL')
  database.exec('CREATE TABLE t (a INTEGER NOT NULL) STRICT')
  database.close()
}

function start(lockedMs = 20): SqliteThread {
  const thread = new SqliteThread({ file, sql, lockedMs })
  threads.push(thread)
  return thread
}

function kept(): unknown[] {
  const database = new Database(file, { readonly: true })
  try {
    return database.prepare('SELECT a FROM t ORDER BY a').pluck().all()
  } finally {
    database.close()
  }
}

/** Has the database locked until it is told to let go. */
function lock(): () => void {
  const other = new Database(file)
  other.exec('BEGIN IMMEDIATE')
  return () => other.close()
}

/** Gives the thread that something was posted to last. */
function watchPosts(): () => Worker {
  const post = vi.spyOn(Worker.prototype, 'postMessage')
  return () => post.mock.contexts.at(-1) as Worker
}

/** Gives a thread something that it dies of, once it has done what it was given before. */
const kill = (worker: Worker): void => worker.postMessage(null)
const death = "Cannot destructure property 'id'"

test('a batch is kept whole, numbers of 53 bits and all', async () => {
  makeDatabase()
  await start().run([
    [insert, 1],
    [insert, Number.MAX_SAFE_INTEGER],
  ])
  expect(kept()).toEqual([1, Number.MAX_SAFE_INTEGER])
})

test('a batch that fails is refused whole, with what SQLite says; the next one is kept', async () => {
  makeDatabase()
  const thread = start()
  const refused = thread.run([
    [insert, 1],
    [insert, null],
    [insert, 2],
  ])
  const next = thread.run([[insert, 3]])
  await expect(refused).rejects.toMatchObject({
    code: 'SQLITE_CONSTRAINT_NOTNULL',
    message: 'NOT NULL constraint failed: t.a',
  })
  await next
  expect(kept()).toEqual([3])
})

test('what cannot be handed over is refused, and the next one is kept', async () => {
  makeDatabase()
  const thread = start()
  await expect(thread.run([[insert, (() => {}) as unknown as number]])).rejects.toThrow('could not be cloned')
  await thread.run([[insert, 1]])
  expect(kept()).toEqual([1])
})

test('the disk is not waited for with every batch', async () => {
  makeDatabase()
  await start().run([[insertSynchronous]])
  expect(kept()).toEqual([1])
})

test('a database that is locked refuses a batch after a while, and takes it later', async () => {
  makeDatabase()
  const thread = start(50)
  await thread.run([[insert, 1]])
  const unlock = lock()
  const lockedAtMs = performance.now()
  await expect(thread.run([[insert, 3]])).rejects.toMatchObject({ code: 'SQLITE_BUSY', message: 'database is locked' })
  expect(performance.now() - lockedAtMs).toBeGreaterThan(40)
  unlock()
  await thread.run([[insert, 2]])
  expect(kept()).toEqual([1, 2])
})

test('a thread that dies refuses what it has not done, and the next batch gets another one', async () => {
  makeDatabase()
  const thread = start()
  const worker = watchPosts()
  const done = thread.run([[insert, 1]])
  const first = worker()
  kill(first)
  const lost = Promise.allSettled([thread.run([[insert, 2]]), thread.run([[insert, 3]])])
  await done
  const refusal = { status: 'rejected', reason: { message: expect.stringContaining(death) as string } }
  expect(await lost).toMatchObject([refusal, refusal])
  await thread.run([[insert, 4]])
  expect(worker()).not.toBe(first)
  expect(kept()).toEqual([1, 4])
})

test('a thread that dies while it has nothing to do says so, and the next batch gets another one', async () => {
  makeDatabase()
  const thread = start()
  const worker = watchPosts()
  await thread.run([[insert, 1]])
  const warning = new Promise((resolve) => vi.spyOn(process, 'emitWarning').mockImplementation(resolve))
  kill(worker())
  expect(await warning).toContain(death)
  await thread.run([[insert, 2]])
  expect(kept()).toEqual([1, 2])
})

test('a database that cannot be opened refuses the batch, is not made, and is opened once it is there', async () => {
  const thread = start()
  await expect(thread.run([[insert, 1]])).rejects.toMatchObject({
    code: 'SQLITE_CANTOPEN',
    message: 'unable to open database file',
  })
  expect(readdirSync(directory)).toEqual([])
  makeDatabase()
  await thread.run([[insert, 2]])
  expect(kept()).toEqual([2])
})

test('a file that was moved refuses a batch, so that nothing is written where nobody looks, and takes it when it is back', async () => {
  makeDatabase()
  const thread = start()
  await thread.run([[insert, 1]])
  renameSync(file, `${file}.moved`)
  const moved = { code: 'SQLITE_READONLY_DBMOVED', message: expect.stringContaining('moved') as string }
  await expect(thread.run([[insert, 2]])).rejects.toMatchObject(moved)
  writeFileSync(file, 'another one')
  await expect(thread.run([[insert, 3]])).rejects.toMatchObject(moved)
  renameSync(`${file}.moved`, file)
  await thread.run([[insert, 4]])
  expect(kept()).toEqual([1, 4])
})

test('closing does first what was under way, and leaves one file', async () => {
  makeDatabase()
  const thread = start()
  const under = [thread.run([[insert, 1]]), thread.run([[insert, 2]])]
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  await thread.close()
  expect(vi.getTimerCount()).toBe(0)
  await Promise.all(under)
  expect(readdirSync(directory)).toEqual(['some.db'])
  expect(kept()).toEqual([1, 2])
  await expect(thread.run([[insert, 3]])).rejects.toThrow('closed')
})

test('closing a thread that is gone already is no error', async () => {
  const thread = start()
  await expect(thread.run([[insert, 1]])).rejects.toThrow('unable to open')
  await thread.close()
})

test('closing says what went wrong when the thread dies of it', async () => {
  const thread = start()
  await expect(thread.close()).rejects.toMatchObject({ code: 'SQLITE_CANTOPEN' })
})

test('closing gives up on a thread that does not end in time; it ends by itself later', async () => {
  makeDatabase()
  const thread = start(100)
  const worker = watchPosts()
  await thread.run([[insert, 1]])
  const ended = new Promise((resolve) => worker().once('exit', resolve))
  const unlock = lock()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const answers = Promise.allSettled([thread.run([[insert, 2]]), thread.close()])
  vi.advanceTimersByTime(5_000)
  expect(await answers).toMatchObject([
    { reason: { message: 'database is locked' } },
    { reason: { message: "SQLite's thread has not ended within 5000 ms." } },
  ])
  unlock()
  expect(await ended).toBe(0)
})
