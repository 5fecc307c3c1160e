/**
 * How the database came to be what it is, step by step; `user_version` counts the steps that were taken.
 * A step that was released is never changed: what is wrong with it is put right by the next one.
 */
export const migrations: readonly string[] = [
  // One index for each table and no second: it doubles the cost of a write, and the sweeper works from memory.
  `
  CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE clients (
    client_id INTEGER PRIMARY KEY,
    secret_hash TEXT NOT NULL,
    user_id TEXT,
    seen_at_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE presence (
    room TEXT NOT NULL,
    client_id INTEGER NOT NULL,
    user_id TEXT,
    user TEXT,
    data TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    ttl_ms INTEGER NOT NULL,
    held INTEGER NOT NULL,
    n INTEGER NOT NULL,
    joined_at_ms INTEGER NOT NULL,
    epoch TEXT NOT NULL,
    PRIMARY KEY (room, client_id)
  ) STRICT, WITHOUT ROWID;
  `,
]

/** Marks a database as ours: "prs1" in ASCII. */
export const applicationId = 0x70727331
