import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { PresenceStore, StoredClient, StoredEntry } from '../store.ts'
import { memoryStore } from './memory-store.ts'
import { sqliteStore } from './sqlite-store.ts'

/*
 * One suite for every store. `open` gives a store and a way to meet it again as the next process would.
 */

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

const stores: Record<string, () => { store: PresenceStore; again: () => Promise<PresenceStore> }> = {
  memory() {
    const store = memoryStore()
    return { store, again: () => Promise.resolve(store) }
  },
  sqlite() {
    const directory = mkdtempSync(join(tmpdir(), 'presence-'))
    const file = join(directory, 'presence.db')
    let store = sqliteStore({ file })
    cleanups.push(async () => {
      await store.close()
      rmSync(directory, { recursive: true })
    })
    const again = async (): Promise<PresenceStore> => {
      await store.close()
      store = sqliteStore({ file })
      return store
    }
    return { store, again }
  },
}

const nothing = { gone: [], entries: [], clients: [], forgotten: [] }
const nowMs = 1_700_000_000_000

function anEntry(more: Partial<StoredEntry> = {}): StoredEntry {
  const lease = { ttlMs: 60_000, isHeld: false, expiresAtMs: nowMs + 60_000 }
  return {
    room: 'pr:atelier',
    clientId: 7,
    user: { id: 'ada' },
    json: '{"x":1}',
    ...lease,
    n: 3,
    joinedAtMs: nowMs - 5,
    ...more,
  }
}

function aClient(more: Partial<StoredClient> = {}): StoredClient {
  return { clientId: 7, secretHash: 'ab'.repeat(32), userId: 'ada', seenAtMs: nowMs, ...more }
}

describe.each(Object.keys(stores))('the %s store', (kind) => {
  const open = () => stores[kind]!()

  test('[L6] counts its starts, and gives each an epoch of its own', async () => {
    const { store, again } = open()
    const first = store.open({ restart: 'fresh', nowMs })
    const second = (await again()).open({ restart: 'resume', nowMs })
    expect([first.run, second.run]).toEqual([1, 2])
    expect(first.epoch).toMatch(/^1-[0-9a-f]{12}$/)
    expect(second.epoch).toMatch(/^2-[0-9a-f]{12}$/)
  })

  test('[R3] resume gives back what was written, exactly', async () => {
    const { store, again } = open()
    store.open({ restart: 'fresh', nowMs })
    const entries = [
      anEntry({ room: 'pr:a', clientId: Number.MAX_SAFE_INTEGER, n: Number.MAX_SAFE_INTEGER }),
      anEntry({ room: 'pr:b', user: undefined, json: 'null' }),
      anEntry({ room: 'pr:c', json: '"😀 \\u0000 \'--"', user: { id: 'é', name: '"' } }),
    ]
    const clients = [aClient({ userId: undefined }), aClient({ clientId: Number.MAX_SAFE_INTEGER })]
    await store.write({ ...nothing, entries, clients })
    const opened = (await again()).open({ restart: 'resume', nowMs })
    expect([...opened.entries].sort((a, b) => a.room.localeCompare(b.room))).toEqual(entries)
    expect([...opened.clients].sort((a, b) => a.clientId - b.clientId)).toEqual(clients)
  })

  test('[R3] a later write replaces an earlier one, and what is gone is gone', async () => {
    const { store, again } = open()
    store.open({ restart: 'fresh', nowMs })
    await store.write({ ...nothing, entries: [anEntry(), anEntry({ clientId: 8 })] })
    await store.write({ ...nothing, entries: [anEntry({ json: '2' })], gone: [{ room: 'pr:atelier', clientId: 8 }] })
    expect((await again()).open({ restart: 'resume', nowMs }).entries).toEqual([anEntry({ json: '2' })])
  })

  test('[R2] fresh forgets all entries, and no binding', async () => {
    const { store, again } = open()
    store.open({ restart: 'fresh', nowMs })
    await store.write({ ...nothing, entries: [anEntry()], clients: [aClient()] })
    const fresh = (await again()).open({ restart: 'fresh', nowMs })
    expect(fresh.entries).toEqual([])
    expect(fresh.clients).toEqual([aClient()])
    expect((await again()).open({ restart: 'resume', nowMs }).entries).toEqual([])
  })

  test('[R1] a timed entry is kept up to its deadline, not past it', async () => {
    const { store, again } = open()
    store.open({ restart: 'fresh', nowMs })
    await store.write({ ...nothing, entries: [anEntry()] })
    expect((await again()).open({ restart: 'resume', nowMs: nowMs + 60_000 }).entries).toHaveLength(1)
    expect((await again()).open({ restart: 'resume', nowMs: nowMs + 60_001 }).entries).toEqual([])
    expect((await again()).open({ restart: 'resume', nowMs }).entries).toEqual([])
  })

  test('[R1] a held entry is kept until its ttlMs after its client was last seen', async () => {
    const { store, again } = open()
    store.open({ restart: 'fresh', nowMs })
    const held = anEntry({ isHeld: true, ttlMs: 30_000, expiresAtMs: nowMs + 1 })
    await store.write({ ...nothing, entries: [held, anEntry({ clientId: 8, isHeld: true })], clients: [aClient()] })
    await store.writeSeen([
      [7, nowMs + 9_000],
      [999, nowMs],
    ])
    expect((await again()).open({ restart: 'resume', nowMs: nowMs + 39_000 }).entries).toEqual([held])
    expect((await again()).open({ restart: 'resume', nowMs: nowMs + 39_001 }).entries).toEqual([])
  })

  test('[A1] a binding is forgotten a day after its client was last seen, or when told so', async () => {
    const { store, again } = open()
    store.open({ restart: 'fresh', nowMs })
    await store.write({ ...nothing, clients: [aClient(), aClient({ clientId: 8 })] })
    await store.write({ ...nothing, forgotten: [8] })
    const dayMs = 86_400_000
    expect((await again()).open({ restart: 'fresh', nowMs: nowMs + dayMs }).clients).toEqual([aClient()])
    expect((await again()).open({ restart: 'fresh', nowMs: nowMs + dayMs + 1 }).clients).toEqual([])
  })
})
