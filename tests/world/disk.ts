import { execFileSync, spawnSync } from 'node:child_process'
import { renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { RealServer } from './real-server.ts'

interface OpenDatabase {
  exec(sql: string): void
  pragma(text: string): unknown
  prepare(sql: string): { all(...params: unknown[]): unknown[] }
  close(): void
}

/** The server's own SQLite, to look over its shoulder. */
const Database = createRequire(new URL('../../packages/server/package.json', import.meta.url))(
  'better-sqlite3',
) as new (file: string, options?: { readonly readonly?: boolean; readonly fileMustExist?: boolean }) => OpenDatabase

/** Lets a test spoil what the server writes its database with. */
export const spoilDisk = fileURLToPath(new URL('spoil-disk.mjs', import.meta.url))

/** The database of a server, read by another process, until the test ends. */
export class DiskView {
  readonly #database: OpenDatabase

  constructor(file: string) {
    this.#database = new Database(file, { readonly: true, fileMustExist: true })
    onTestFinished(() => this.close())
  }

  close(): void {
    this.#database.close()
  }

  /** Whose secret is kept. */
  clients(): number[] {
    const rows = this.#database.prepare('SELECT client_id FROM clients').all()
    return (rows as { client_id: number }[]).map((row) => row.client_id)
  }

  /** Data by `clientId`, as they are kept now. */
  entries(room: string): Map<number, unknown> {
    const rows = this.#database.prepare('SELECT client_id, data FROM presence WHERE room = ?').all(room)
    return new Map(
      (rows as { client_id: number; data: string }[]).map((row) => [row.client_id, JSON.parse(row.data) as unknown]),
    )
  }
}

/** A way in which a disk fails, and the end of it. */
export interface DiskTrouble {
  readonly name: string
  /** Why it cannot be tried on this machine. */
  readonly cannot?: string | undefined
  /** What the operator reads of it. */
  readonly says: string
  /** Returns what ends it. */
  begin(server: RealServer): () => void
}

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0
const limitFile = (server: RealServer, bytes: number | 'unlimited'): void =>
  void execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:`])

export const readOnly: DiskTrouble = {
  name: 'is read-only',
  says: 'SQLITE_READONLY',
  begin(server) {
    server.tell({ pragma: 'query_only = 1' })
    return () => server.tell({ pragma: 'query_only = 0' })
  },
}

export const diskTroubles: readonly DiskTrouble[] = [
  {
    name: 'is full',
    says: 'SQLITE_FULL',
    begin(server) {
      // It is never less than what the file has now.
      server.tell({ pragma: 'max_page_count = 1' })
      return () => server.tell({ pragma: 'max_page_count = 1000000' })
    },
  },
  {
    name: 'is locked by another program',
    says: 'SQLITE_BUSY',
    begin(server) {
      const other = new Database(server.file)
      other.pragma('busy_timeout = 5000')
      other.exec('BEGIN EXCLUSIVE')
      onTestFinished(() => other.close())
      return () => other.exec('ROLLBACK')
    },
  },
  readOnly,
  {
    name: 'gives errors',
    cannot: hasPrlimit ? undefined : 'there is no prlimit (util-linux), which makes writes fail',
    says: 'SQLITE_IOERR',
    begin(server) {
      limitFile(server, 1)
      return () => limitFile(server, 'unlimited')
    },
  },
  {
    name: 'has the file no more where it was',
    says: 'SQLITE_READONLY_DBMOVED',
    begin({ file }) {
      renameSync(file, `${file}.moved`)
      return () => renameSync(`${file}.moved`, file)
    },
  },
  {
    name: 'has the whole directory no more where it was',
    says: 'SQLITE_READONLY_DBMOVED',
    begin({ directory }) {
      const moved = `${directory}.moved`
      renameSync(directory, moved)
      onTestFinished(() => rmSync(moved, { recursive: true, force: true }))
      return () => renameSync(moved, directory)
    },
  },
]
