import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { applicationId, migrations } from './migrations.ts'
import { sqliteStore } from './sqlite-store.ts'

const nowMs = 1_000_000

function newFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'presence-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return join(directory, 'presence.db')
}

/** Whom a start finds in the file. */
async function resume(file: string): Promise<readonly string[]> {
  const store = sqliteStore({ file })
  const { entries } = store.open({ restart: 'resume', nowMs })
  await store.close()
  return entries.map(({ room, clientId, json }) => `${room} ${clientId} ${json}`)
}

// The text of a step must never change once it was released, so what it made is here, and not in what it is tested with.
const first = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE clients (
    client_id INTEGER PRIMARY KEY, secret_hash TEXT NOT NULL, user_id TEXT, seen_at_ms INTEGER NOT NULL) STRICT;
  CREATE TABLE presence (
    room TEXT NOT NULL, client_id INTEGER NOT NULL, user_id TEXT, user TEXT, data TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL, ttl_ms INTEGER NOT NULL, held INTEGER NOT NULL, n INTEGER NOT NULL,
    joined_at_ms INTEGER NOT NULL, epoch TEXT NOT NULL, PRIMARY KEY (room, client_id)) STRICT, WITHOUT ROWID;
  INSERT INTO meta VALUES ('run', 4);
  INSERT INTO clients VALUES (7, 'hash', 'ada', ${nowMs});
  INSERT INTO presence VALUES
    ('pr:atelier', 7, 'ada', '{"id":"ada"}', '"here"', ${nowMs + 60_000}, 60_000, 0, 1, ${nowMs}, '4-abc');
`

test('a file of the first schema opens, becomes one of the newest, and has whom it had', async () => {
  const file = newFile()
  const database = new Database(file)
  database.exec(first)
  database.pragma(`application_id = ${applicationId}`)
  database.pragma('user_version = 1')
  database.close()
  expect(await resume(file)).toEqual(['pr:atelier 7 "here"'])
  expect(readFileSync(file).readInt32BE(60)).toBe(migrations.length)
})

test('a file of this program is taken over by a newer one with all that is in it, and is refused by this one then', async () => {
  const file = newFile()
  const store = sqliteStore({ file })
  store.open({ restart: 'fresh', nowMs })
  const lease = { isHeld: false, ttlMs: 60_000, expiresAtMs: nowMs + 60_000, n: 1, joinedAtMs: nowMs }
  const entry = { room: 'pr:atelier', clientId: 7, user: undefined, json: '"here"', ...lease }
  await store.write({ gone: [], entries: [entry], clients: [], forgotten: [] })
  await store.close()

  const ofTomorrow = migrations as string[]
  ofTomorrow.push('ALTER TABLE presence ADD COLUMN mood TEXT')
  try {
    expect(await resume(file)).toEqual(['pr:atelier 7 "here"'])
  } finally {
    ofTomorrow.pop()
  }
  const known = migrations.length
  await expect(resume(file)).rejects.toThrow(
    `The database "${file}" cannot be used: it was written by a newer version of this program (schema ${known + 1}; this one knows ${known}). Name another file with --db.`,
  )
})
