import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import type Database from 'better-sqlite3'
import type { PresenceUser } from '@app/protocol'
import { bindingKeptMs, storedDeadlineMs, type OpenOptions, type Opened, type PresenceStore } from '../store.ts'
import type { StoreChanges, StoredClient, StoredEntry } from '../store.ts'
import { claimFile, lockedMs, openDatabase, refusal } from './sqlite-file.ts'
import { SqliteThread, type Call } from './sqlite-thread.ts'

/**
 * Keeps presence in a SQLite file, or in `:memory:`. A file is written in a thread, so that nobody waits for the disk. What is
 * wrong with the file (not writable, in use, made by a newer version) is said when the server starts: `bad-options`.
 */
export function sqliteStore({ file }: { readonly file: string }): PresenceStore {
  let opened: { readonly writer: Writer; readonly epoch: string; readonly claim: Claim } | undefined
  const whenOpen = (): NonNullable<typeof opened> => {
    if (!opened) throw new Error('The store is not open.')
    return opened
  }
  return {
    open(options) {
      const claim = file === ':memory:' ? undefined : claimFile(file)
      let database: Database.Database | undefined
      try {
        database = openDatabase(file)
        const start = begin(database, options)
        opened = { writer: createWriter(database), epoch: start.epoch, claim }
        return start
      } catch (error) {
        database?.close()
        claim?.close()
        throw refusal(file, error)
      }
    },
    write(changes) {
      const { writer, epoch } = whenOpen()
      return writer.run(callsOf(changes, epoch))
    },
    writeSeen: (seen) => whenOpen().writer.run(seen.map(([clientId, seenAtMs]) => [setSeen, seenAtMs, clientId])),
    close() {
      const was = opened
      opened = undefined
      // Of a file whose thread has not ended, the process keeps hold until it ends itself.
      return was?.writer.close()?.then(() => void was.claim?.close())
    },
  }
}

function begin(database: Database.Database, { restart, nowMs }: OpenOptions): Opened {
  // The run number must never be given twice, so this one transaction waits for the disk. Presence need not.
  database.pragma('synchronous = FULL')
  const start = database.transaction((): Opened => {
    const run = database
      .prepare(
        `INSERT INTO meta (name, value) VALUES ('run', 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value`,
      )
      .pluck()
      .get() as number
    const epoch = `${run}-${randomBytes(6).toString('hex')}`
    database.prepare('DELETE FROM clients WHERE seen_at_ms < ?').run(nowMs - bindingKeptMs)
    const clients = database
      .prepare('SELECT * FROM clients')
      .all()
      .map((row) => readClient(row as ClientRow))
    if (restart === 'fresh') database.exec('DELETE FROM presence')
    return { run, epoch, clients, entries: resume(database, epoch, clients, nowMs) }
  })()
  database.pragma('synchronous = NORMAL')
  return start
}

function resume(
  database: Database.Database,
  epoch: string,
  clients: readonly StoredClient[],
  nowMs: number,
): StoredEntry[] {
  const byId = new Map(clients.map((client) => [client.clientId, client]))
  const remove = database.prepare('DELETE FROM presence WHERE room = ? AND client_id = ?')
  const kept: StoredEntry[] = []
  for (const row of database.prepare('SELECT * FROM presence').all() as EntryRow[]) {
    const entry = readEntry(row)
    if (storedDeadlineMs(entry, byId.get(entry.clientId)) < nowMs) remove.run(entry.room, entry.clientId)
    else kept.push(entry)
  }
  database.prepare('UPDATE presence SET epoch = ?').run(epoch)
  return kept
}

/** What keeps other servers out, of what is not only in memory. */
type Claim = { close(): unknown } | undefined

interface Writer {
  /** Runs all of the calls in one transaction, or none of them. */
  run(calls: readonly Call[]): void | Promise<void>
  close(): void | Promise<void>
}

/** Takes the connection over. */
function createWriter(database: Database.Database): Writer {
  if (!database.memory) {
    database.close()
    return new SqliteThread({ file: resolve(database.name), sql, lockedMs })
  }
  const statements = sql.map((text) => database.prepare(text))
  return {
    run: database.transaction((calls: readonly Call[]) => {
      for (const [statement, ...params] of calls) statements[statement]?.run(...params)
    }),
    close: () => void database.close(),
  }
}

// In the order of their names below.
const sql = [
  'DELETE FROM presence WHERE room = ? AND client_id = ?',
  `INSERT OR REPLACE INTO presence
    (room, client_id, user_id, user, data, expires_at_ms, ttl_ms, held, n, joined_at_ms, epoch)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  'DELETE FROM clients WHERE client_id = ?',
  'INSERT OR REPLACE INTO clients (client_id, secret_hash, user_id, seen_at_ms) VALUES (?, ?, ?, ?)',
  'UPDATE clients SET seen_at_ms = ? WHERE client_id = ?',
]
const [removeEntry, saveEntry, removeClient, saveClient, setSeen] = [0, 1, 2, 3, 4] as const

function callsOf({ gone, entries, clients, forgotten }: StoreChanges, epoch: string): Call[] {
  const calls: Call[] = []
  for (const { room, clientId } of gone) calls.push([removeEntry, room, clientId])
  for (const { room, clientId, user, json, expiresAtMs, ttlMs, isHeld, n, joinedAtMs } of entries) {
    const userJson = user === undefined ? null : JSON.stringify(user)
    const held = isHeld ? 1 : 0
    const lease = [expiresAtMs, ttlMs, held] as const
    calls.push([saveEntry, room, clientId, user?.id ?? null, userJson, json, ...lease, n, joinedAtMs, epoch])
  }
  for (const { clientId, secretHash, userId, seenAtMs } of clients)
    calls.push([saveClient, clientId, secretHash, userId ?? null, seenAtMs])
  for (const clientId of forgotten) calls.push([removeClient, clientId])
  return calls
}

interface ClientRow {
  readonly client_id: number
  readonly secret_hash: string
  readonly user_id: string | null
  readonly seen_at_ms: number
}

interface EntryRow {
  readonly room: string
  readonly client_id: number
  readonly user: string | null
  readonly data: string
  readonly expires_at_ms: number
  readonly ttl_ms: number
  readonly held: number
  readonly n: number
  readonly joined_at_ms: number
}

function readClient(row: ClientRow): StoredClient {
  return {
    clientId: row.client_id,
    secretHash: row.secret_hash,
    userId: row.user_id ?? undefined,
    seenAtMs: row.seen_at_ms,
  }
}

function readEntry(row: EntryRow): StoredEntry {
  return {
    room: row.room,
    clientId: row.client_id,
    user: row.user === null ? undefined : (JSON.parse(row.user) as PresenceUser),
    json: row.data,
    ttlMs: row.ttl_ms,
    isHeld: row.held === 1,
    expiresAtMs: row.expires_at_ms,
    n: row.n,
    joinedAtMs: row.joined_at_ms,
  }
}
