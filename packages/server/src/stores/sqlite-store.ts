import { randomBytes } from 'node:crypto'
import type Database from 'better-sqlite3'
import type { PresenceUser } from '@app/protocol'
import { bindingKeptMs, storedDeadlineMs, type OpenOptions, type Opened, type PresenceStore } from '../store.ts'
import type { StoreChanges, StoredClient, StoredEntry } from '../store.ts'
import { checkpointAside } from './sqlite-checkpoints.ts'
import { openDatabase } from './sqlite-file.ts'

/** Keeps presence in a SQLite file, or in `:memory:`. */
export function sqliteStore({ file }: { readonly file: string }): PresenceStore {
  let opened:
    | { readonly database: Database.Database; readonly writer: Writer; readonly stopCheckpoints: () => void }
    | undefined
  const writer = (): Writer => {
    if (!opened) throw new Error('The store is not open.')
    return opened.writer
  }
  return {
    open(options) {
      const database = openDatabase(file)
      try {
        const start = begin(database, options)
        opened = {
          database,
          writer: createWriter(database, start.epoch),
          stopCheckpoints: checkpointAside(database, file),
        }
        return start
      } catch (error) {
        database.close()
        throw error
      }
    },
    write: (changes) => writer().write(changes),
    writeSeen: (seen) => writer().writeSeen(seen),
    close() {
      opened?.stopCheckpoints()
      opened?.database.close()
      opened = undefined
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

interface Writer {
  write(changes: StoreChanges): void
  writeSeen(seen: readonly (readonly [clientId: number, seenAtMs: number])[]): void
}

function createWriter(database: Database.Database, epoch: string): Writer {
  const removeEntry = database.prepare('DELETE FROM presence WHERE room = ? AND client_id = ?')
  const saveEntry = database.prepare(`
    INSERT OR REPLACE INTO presence
      (room, client_id, user_id, user, data, expires_at_ms, ttl_ms, held, n, joined_at_ms, epoch)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const saveClient = database.prepare(
    'INSERT OR REPLACE INTO clients (client_id, secret_hash, user_id, seen_at_ms) VALUES (?, ?, ?, ?)',
  )
  const removeClient = database.prepare('DELETE FROM clients WHERE client_id = ?')
  const setSeen = database.prepare('UPDATE clients SET seen_at_ms = ? WHERE client_id = ?')
  return {
    write: database.transaction(({ gone, entries, clients, forgotten }: StoreChanges) => {
      for (const { room, clientId } of gone) removeEntry.run(room, clientId)
      for (const { room, clientId, user, json, expiresAtMs, ttlMs, isHeld, n, joinedAtMs } of entries) {
        const userJson = user === undefined ? null : JSON.stringify(user)
        saveEntry.run(
          room,
          clientId,
          user?.id ?? null,
          userJson,
          json,
          expiresAtMs,
          ttlMs,
          isHeld ? 1 : 0,
          n,
          joinedAtMs,
          epoch,
        )
      }
      for (const { clientId, secretHash, userId, seenAtMs } of clients)
        saveClient.run(clientId, secretHash, userId ?? null, seenAtMs)
      for (const clientId of forgotten) removeClient.run(clientId)
    }),
    writeSeen: database.transaction((seen: readonly (readonly [clientId: number, seenAtMs: number])[]) => {
      for (const [clientId, seenAtMs] of seen) setSeen.run(seenAtMs, clientId)
    }),
  }
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
