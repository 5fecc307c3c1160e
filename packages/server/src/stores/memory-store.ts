import { randomBytes } from 'node:crypto'
import { bindingKeptMs, storedDeadlineMs, type OpenOptions, type Opened, type PresenceStore } from '../store.ts'
import type { EntryName, StoredClient, StoredEntry } from '../store.ts'

/** Keeps nothing beyond the life of this process: for tests, and for servers that may forget. */
export function memoryStore(): PresenceStore {
  let run = 0
  const entries = new Map<string, StoredEntry>()
  const clients = new Map<number, StoredClient>()
  const name = ({ room, clientId }: EntryName): string => `${clientId} ${room}`

  return {
    open({ restart, nowMs }: OpenOptions): Opened {
      for (const [clientId, { seenAtMs }] of clients) if (seenAtMs + bindingKeptMs < nowMs) clients.delete(clientId)
      for (const [key, entry] of entries) {
        if (restart === 'fresh' || storedDeadlineMs(entry, clients.get(entry.clientId)) < nowMs) entries.delete(key)
      }
      run++
      return {
        run,
        epoch: `${run}-${randomBytes(6).toString('hex')}`,
        clients: [...clients.values()],
        entries: [...entries.values()],
      }
    },
    write(changes) {
      for (const gone of changes.gone) entries.delete(name(gone))
      for (const entry of changes.entries) entries.set(name(entry), entry)
      for (const client of changes.clients) clients.set(client.clientId, client)
      for (const clientId of changes.forgotten) clients.delete(clientId)
    },
    writeSeen(seen) {
      for (const [clientId, seenAtMs] of seen) {
        const client = clients.get(clientId)
        if (client) clients.set(clientId, { ...client, seenAtMs })
      }
    },
    close() {},
  }
}
