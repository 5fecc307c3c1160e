import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { migrations } from './migrations.ts'
import { accessDirectory, checkPages, isOurs, lockOf, refusal } from './sqlite-file.ts'

/** What is in a database that no server has to be stopped for. */
export interface DatabaseFacts {
  readonly schema: number
  /** The schema that this version would make of it. */
  readonly latest: number
  readonly entries: number
  readonly rooms: number
  readonly clients: number
  /** A server has it now. */
  readonly isInUse: boolean
}

/**
 * Looks at a database as a start would, and changes nothing, not even for a moment. Undefined: there is none yet. Throws
 * `bad-options` where a start would.
 */
export function lookAtDatabase(file: string): DatabaseFacts | undefined {
  try {
    if (!existsSync(dirname(resolve(file)))) throw new Error('its directory does not exist')
    accessDirectory(file)
    if (!isOurs(file)) return undefined
    // With both of its files beside it SQLite makes none to read it; to a copy it may do what it likes.
    return existsSync(`${file}-wal`) && existsSync(`${file}-shm`) ? read(file, file) : readCopy(file)
  } catch (error) {
    throw refusal(file, error)
  }
}

function readCopy(file: string): DatabaseFacts {
  const directory = mkdtempSync(join(tmpdir(), 'presence-check-'))
  try {
    const copy = join(directory, 'copy.db')
    copyFileSync(file, copy)
    // What a server that was killed, or a backup, has left: it belongs to what the file says.
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`)
    return read(copy, file)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function read(path: string, file: string): DatabaseFacts {
  const database = new Database(path, { readonly: true, fileMustExist: true })
  try {
    checkPages(database, file)
    const number = (sql: string): number => database.prepare(sql).pluck().get() as number
    return {
      schema: number('PRAGMA user_version'),
      latest: migrations.length,
      entries: number('SELECT count(*) FROM presence'),
      rooms: number('SELECT count(DISTINCT room) FROM presence'),
      clients: number('SELECT count(*) FROM clients'),
      isInUse: isLocked(lockOf(file)),
    }
  } finally {
    database.close()
  }
}

/** Whoever reads waits for nobody and keeps nobody from anything. */
function isLocked(path: string): boolean {
  if (!existsSync(path)) return false
  const lock = new Database(path, { readonly: true, timeout: 0 })
  try {
    lock.pragma('schema_version')
    return false
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return true
    throw error
  } finally {
    lock.close()
  }
}
