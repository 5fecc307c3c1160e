import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { PresenceError } from '@app/protocol'
import { applicationId, migrations } from './migrations.ts'

const magic = 'SQLite format 3\0'
// Where the header of a SQLite file keeps it, as a big-endian integer of 32 bits.
const applicationIdAt = 68
const headerBytes = 100
/** How long to wait for another program that has the file locked: at a start everything waits, later the thread. */
export const lockedMs = 500
// The server before this one closes its database within 5 s (sqlite-thread.ts), and then it ends.
const claimMs = 6_000

/**
 * Takes a file for this server alone, until what it returns is closed or its process ends, however it ends: a second one
 * would overwrite what the first has written. Waits some seconds for a server that is about to end. A file that is not ours,
 * or is broken, is refused and left as it is.
 */
export function claimFile(file: string, waitMs = claimMs): Database.Database {
  try {
    accessDirectory(file)
    inspect(file)
    // An empty file beside it, so that other programs can still read the database. It is never deleted: who waits for it
    // would get the deleted one, and a third server another.
    const path = lockOf(file)
    const lock = new Database(path, { timeout: waitMs })
    try {
      // What SQLite could not write it would only read, and share.
      accessSync(path, constants.W_OK)
      // Else an exclusive lock makes a journal, too.
      lock.pragma('journal_mode = MEMORY')
      lock.exec('BEGIN EXCLUSIVE')
      return lock
    } catch (error) {
      lock.close()
      const { code = '' } = error as { code?: string }
      if (code.startsWith('SQLITE_BUSY')) throw cannotUse(file, 'another server is using it', error)
      if (code === 'EACCES') throw cannotUse(file, `"${path}" beside it cannot be written`, error)
      throw error
    }
  } catch (error) {
    throw refusal(file, error)
  }
}

export function lockOf(file: string): string {
  return `${existsSync(file) ? realpathSync(file) : file}-lock`
}

/** Opens our database, made anew where there is none. */
export function openDatabase(file: string): Database.Database {
  try {
    const database = new Database(file, { timeout: lockedMs })
    try {
      prepare(database, file)
    } catch (error) {
      database.close()
      throw error
    }
    return database
  } catch (error) {
    throw refusal(file, error)
  }
}

/** What an operator is told of a file that cannot be used at a start. */
export function refusal(file: string, error: unknown): PresenceError {
  if (error instanceof PresenceError) return error
  return isNotBuilt(error) ? notBuilt(error) : cannotUse(file, reason(error), error)
}

/** No fault of the file: SQLite itself was not installed, or for another Node. */
function isNotBuilt(error: unknown): boolean {
  const { code, message = '' } = error as { code?: string; message?: string }
  return code === 'ERR_DLOPEN_FAILED' || message.startsWith('Could not locate the bindings file')
}

function notBuilt(cause: unknown): PresenceError {
  return new PresenceError(
    'bad-options',
    'SQLite cannot be loaded: the install script of better-sqlite3 was not run, or by another Node. Run npm rebuild better-sqlite3' +
      ' (and before it npm install-scripts approve better-sqlite3, if npm asks).',
    { cause },
  )
}

function inspect(file: string): void {
  if (isOurs(file)) inspectPages(file)
}

/**
 * Whether there is a database of ours; not if there is no file, or an empty one. Throws for a file that is not ours, or cannot
 * be written. Reads the header without SQLite, because opening a database can already write beside it.
 */
export function isOurs(file: string): boolean {
  const header = readHeader(file)
  if (header === undefined) return false
  // SQLite would make its files beside it first, which belong to whoever may not write it.
  accessSync(file, constants.W_OK)
  if (header.length === 0) return false
  if (header.length < headerBytes || header.toString('latin1', 0, magic.length) !== magic) {
    throw cannotUse(file, 'it is not a SQLite database')
  }
  if (header.readInt32BE(applicationIdAt) !== applicationId)
    throw cannotUse(file, 'it is the database of another program')
  return true
}

// SQLite makes files in it.
export function accessDirectory(file: string): void {
  const directory = dirname(file)
  if (!existsSync(directory)) return
  try {
    accessSync(directory, constants.W_OK)
  } catch (error) {
    throw cannotUse(file, 'its directory cannot be written', error)
  }
}

// SQLite makes two files beside the database even to read it; if it is refused, those that are new go again.
function inspectPages(file: string): void {
  const made = [`${file}-wal`, `${file}-shm`].filter((beside) => !existsSync(beside))
  try {
    const database = new Database(file, { readonly: true, fileMustExist: true })
    try {
      checkPages(database, file)
    } finally {
      database.close()
    }
  } catch (error) {
    for (const beside of made) rmSync(beside, { force: true })
    throw error
  }
}

/** Throws for a database that is damaged, or newer than this program. */
export function checkPages(database: Database.Database, file: string): void {
  const found = database.pragma('quick_check(1)', { simple: true })
  if (found !== 'ok') throw cannotUse(file, `it is damaged (${String(found).split('\n', 1)[0]})`)
  refuseNewer(file, database.pragma('user_version', { simple: true }) as number)
}

function readHeader(file: string): Buffer | undefined {
  if (!statSync(file, { throwIfNoEntry: false })) return undefined
  const handle = openSync(file, 'r')
  try {
    const header = Buffer.alloc(headerBytes)
    return header.subarray(0, readSync(handle, header, 0, headerBytes, 0))
  } finally {
    closeSync(handle)
  }
}

function prepare(database: Database.Database, file: string): void {
  // The steps are taken before the switch to WAL, so that the file itself says at once whose it is.
  const done = database.pragma('user_version', { simple: true }) as number
  refuseNewer(file, done)
  for (const [index, step] of migrations.entries()) {
    if (index < done) continue
    database.transaction(() => {
      database.pragma(`application_id = ${applicationId}`)
      database.exec(step)
      database.pragma(`user_version = ${index + 1}`)
    })()
  }
  database.pragma('journal_mode = WAL')
}

function refuseNewer(file: string, version: number): void {
  if (version > migrations.length) {
    throw cannotUse(
      file,
      `it was written by a newer version of this program (schema ${version}; this one knows ${migrations.length})`,
    )
  }
}

function reason(error: unknown): string {
  const { code = '', message } = error as { code?: string; message?: string }
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return 'it cannot be written'
  // SQLite says more in a third word.
  switch (code.split('_', 2).join('_')) {
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return 'another program is using it'
    case 'SQLITE_READONLY':
      return 'it cannot be written'
    case 'SQLITE_FULL':
      return 'there is no room left on its disk'
    case 'SQLITE_CORRUPT':
    case 'SQLITE_NOTADB':
      return 'it is damaged'
    default:
      return (message ?? String(error)).split('\n', 1)[0] ?? ''
  }
}

function cannotUse(file: string, why: string, cause?: unknown): PresenceError {
  return new PresenceError(
    'bad-options',
    `The database "${file}" cannot be used: ${why}. Name another file with --db.`,
    { cause },
  )
}
