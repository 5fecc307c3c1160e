import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type Database from 'better-sqlite3'

// The log grows by this long at most before it is carried over, and while nothing is written nothing is done.
const everyMs = 1_000

// As text, because a thread needs JavaScript, and this file is TypeScript while it is tested.
const code = `
const { workerData: { modulePath, file, everyMs } } = require('node:worker_threads')
const Database = require(modulePath)
const database = new Database(file)
setInterval(() => database.pragma('wal_checkpoint(PASSIVE)'), everyMs)
`

/**
 * Carries what was written from SQLite's log into the database, in a thread of its own: that waits for the disk for
 * 10 ms and more, which is too long for the loop (docs/decisions/0008-hot-path.md). Returns how to stop. Should the
 * thread fail, SQLite does it in between again.
 */
export function checkpointAside(database: Database.Database, file: string): () => void {
  if (database.memory) return () => {}
  const modulePath = createRequire(import.meta.url).resolve('better-sqlite3')
  const automatic = database.pragma('wal_autocheckpoint', { simple: true }) as number
  database.pragma('wal_autocheckpoint = 0')
  const worker = new Worker(code, { eval: true, workerData: { modulePath, file, everyMs } })
  worker.on('error', (error) => {
    if (database.open) database.pragma(`wal_autocheckpoint = ${automatic}`)
    process.emitWarning(`SQLite's log is carried over in the loop again: ${error.message}`, 'PresenceWarning')
  })
  worker.unref()
  return () => void worker.terminate()
}
