import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PresenceError } from '@app/protocol'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { claimFile, openDatabase, refusal } from './sqlite-file.ts'
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

const fingerprint = (): string =>
  readdirSync(directory)
    .map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(join(directory, name)))
          .digest('hex')}`,
    )
    .join('\n')

function refusalOf(path: string): string {
  try {
    sqliteStore({ file: path }).open({ restart: 'fresh', nowMs: 0 })
  } catch (error) {
    return error instanceof PresenceError && error.code === 'bad-options' ? error.message : String(error)
  }
  return 'none'
}

function expectUntouched(reason: string): void {
  const before = fingerprint()
  const message = refusalOf(file)
  expect(message).toContain(reason)
  expect(message).toContain(file)
  expect(message).not.toContain('\n')
  expect(fingerprint()).toBe(before)
}

test('a file that is not a database is refused and left as it is', () => {
  writeFileSync(file, 'my novel, chapter one\n'.repeat(100))
  expectUntouched('not a SQLite database')
})

test('the database of another program is refused and left as it is', () => {
  const other = new Database(file)
  other.pragma('journal_mode = WAL')
  other.exec('CREATE TABLE presence (a)')
  other.close()
  expectUntouched('another program')
})

test('the database of a newer version is refused and left as it is', () => {
  openDatabase(file).close()
  const database = new Database(file)
  database.pragma('user_version = 99')
  database.close()
  expectUntouched('newer version')
})

test('a damaged database is refused and left as it is', () => {
  openDatabase(file).close()
  truncateSync(file, 4_096 + 100)
  expectUntouched('damaged')
})

test('a database of ours whose pages are garbage is refused and left as it is', () => {
  openDatabase(file).close()
  const bytes = readFileSync(file)
  bytes.fill(0xee, 100)
  writeFileSync(file, bytes)
  expectUntouched('damaged')
})

test('a database that another program has locked, or that has no room, is refused with a sentence', () => {
  openDatabase(file).close()
  const other = new Database(file)
  other.exec('BEGIN EXCLUSIVE')
  expect(refusalOf(file)).toContain('another program is using it')
  other.close()
  vi.spyOn(Database.prototype, 'prepare').mockImplementation(() => {
    throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL')
  })
  expect(refusalOf(file)).toContain('cannot be used: there is no room left on its disk.')
})

test('a file is one server’s alone until it lets go, by whatever name, and others can read it meanwhile', async () => {
  const first = sqliteStore({ file })
  first.open({ restart: 'fresh', nowMs: 0 })
  const link = join(directory, 'link.db')
  symlinkSync(file, link)
  for (const name of [file, link])
    expect(() => claimFile(name, 20)).toThrow(`The database "${name}" cannot be used: another server is using it.`)
  const reader = new Database(file, { readonly: true })
  expect(reader.prepare('SELECT count(*) FROM clients').pluck().get()).toBe(0)
  reader.close()
  await first.close()
  claimFile(link, 20).close()
  expect(readdirSync(directory)).not.toContain('link.db-lock')
})

test('what is not claimed in the end is free again', () => {
  openDatabase(file).close()
  vi.spyOn(Database.prototype, 'prepare').mockImplementationOnce(() => {
    throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL')
  })
  expect(refusalOf(file)).toContain('no room left')
  vi.restoreAllMocks()
  claimFile(file, 20).close()
})

test('SQLite that is not built is no fault of the file, and what to do is said', () => {
  for (const error of [
    new Error('Could not locate the bindings file. Tried:\n → /somewhere'),
    Object.assign(new Error('was compiled against another\nversion'), { code: 'ERR_DLOPEN_FAILED' }),
  ])
    expect(refusal(file, error).message).toMatch(/^SQLite cannot be loaded: .* npm rebuild better-sqlite3/)
})

test('a path that cannot be a file is refused', () => {
  expect(refusalOf(directory)).toContain('cannot be used')
  expect(refusalOf(join(directory, 'no', 'such', 'directory.db'))).toContain('does not exist')
})

test('an empty file becomes a database, and the file itself says at once whose it is', () => {
  writeFileSync(file, '')
  const database = openDatabase(file)
  expect(readFileSync(file).readInt32BE(68)).toBe(0x70727331)
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
  database.close()
})

test('a process that died leaves a database that opens again', async () => {
  const store = sqliteStore({ file })
  store.open({ restart: 'fresh', nowMs: 0 })
  await store.writeSeen([])
  const copy = join(directory, 'copy.db')
  for (const end of ['', '-wal', '-shm']) writeFileSync(copy + end, readFileSync(file + end))
  await store.close()
  const again = sqliteStore({ file: copy })
  expect(again.open({ restart: 'resume', nowMs: 0 }).run).toBe(2)
  await again.close()
})
