import type { Clock } from '@app/protocol'
import type { Logger } from './logger.ts'
import type { EntryName, PresenceStore, StoredClient, StoredEntry } from './store.ts'

// A thousand rows block for 3 to 4 ms; nobody waits longer than half of that for the disk.
const batchRows = 500
// A disk that is full or gone stays so for a while.
const retryMs = 1_000

export interface WriteBehindOptions {
  readonly store: PresenceStore
  readonly clock: Clock
  readonly logger: Logger
  readonly persistMs: number
  /** What is to be written of an entry by now; undefined when it is gone. */
  readonly entry: (name: EntryName) => StoredEntry | undefined
  readonly client: (clientId: number) => StoredClient | undefined
}

/**
 * Writes what changed to the store, behind the presence in memory: it keeps the names of what changed and looks up what
 * there is to write only then. A store that fails is tried again until it works; presence goes on meanwhile.
 */
export class WriteBehind {
  readonly #options: WriteBehindOptions
  readonly #next = new Map<string, EntryName>()
  readonly #soon = new Map<string, EntryName>()
  readonly #clients = new Set<number>()
  readonly #forgotten = new Set<number>()
  #cancelNext: (() => void) | undefined
  #cancelSoon: (() => void) | undefined
  #isFailing = false

  constructor(options: WriteBehindOptions) {
    this.#options = options
  }

  /** `next`: in the next turn. `soon`: at most `persistMs` later, with all that changed by then. */
  saveEntry({ room, clientId }: EntryName, when: 'next' | 'soon'): void {
    const key = `${clientId} ${room}`
    if (this.#next.has(key)) return
    if (when === 'soon') {
      this.#soon.set(key, { room, clientId })
      this.#cancelSoon ??= this.#options.clock.after(this.#options.persistMs, () => this.#writeSoon())
      return
    }
    this.#soon.delete(key)
    this.#next.set(key, { room, clientId })
    this.#writeNext()
  }

  saveClient(clientId: number): void {
    this.#clients.add(clientId)
    this.#forgotten.delete(clientId)
    this.#writeNext()
  }

  forgetClients(clientIds: readonly number[]): void {
    for (const clientId of clientIds) this.#forgotten.add(clientId)
    if (clientIds.length > 0) this.#writeNext()
  }

  /** Sets when those who are connected were last seen. What fails is made good by the next call. */
  saveSeen(seen: readonly (readonly [clientId: number, seenAtMs: number])[]): void {
    if (seen.length > 0) this.#try(() => this.#options.store.writeSeen(seen))
  }

  /** Writes everything now, and nothing later. */
  close(): void {
    this.#cancelNext?.()
    this.#cancelSoon?.()
    this.#moveSoon()
    while (this.#hasNext() && this.#writeBatch()) continue
  }

  #writeSoon(): void {
    this.#moveSoon()
    if (this.#hasNext()) this.#writeNext()
  }

  #moveSoon(): void {
    this.#cancelSoon = undefined
    for (const [key, name] of this.#soon) this.#next.set(key, name)
    this.#soon.clear()
  }

  #writeNext(afterMs = 0): void {
    this.#cancelNext ??= this.#options.clock.after(afterMs, () => {
      this.#cancelNext = undefined
      const isWritten = this.#writeBatch()
      if (this.#hasNext()) this.#writeNext(isWritten ? 0 : retryMs)
    })
  }

  #hasNext(): boolean {
    return this.#next.size > 0 || this.#clients.size > 0 || this.#forgotten.size > 0
  }

  #writeBatch(): boolean {
    const names = take(this.#next, batchRows)
    const clientIds = take(this.#clients, batchRows - names.length)
    const forgotten = take(this.#forgotten, batchRows - names.length - clientIds.length)
    const gone: EntryName[] = []
    const entries: StoredEntry[] = []
    for (const [, name] of names) {
      const entry = this.#options.entry(name)
      if (entry) entries.push(entry)
      else gone.push(name)
    }
    const clients = clientIds.map((clientId) => this.#options.client(clientId)).filter((client) => client !== undefined)
    if (!this.#try(() => this.#options.store.write({ gone, entries, clients, forgotten }))) return false
    for (const [key] of names) this.#next.delete(key)
    for (const clientId of clientIds) this.#clients.delete(clientId)
    for (const clientId of forgotten) this.#forgotten.delete(clientId)
    return true
  }

  #try(write: () => void): boolean {
    try {
      write()
    } catch (err) {
      // Said once, not with every batch.
      if (!this.#isFailing) {
        this.#options.logger.error(
          { err },
          'The store cannot be written. Presence goes on from memory; writing is tried again.',
        )
      }
      this.#isFailing = true
      return false
    }
    if (this.#isFailing) this.#options.logger.info({}, 'The store can be written again.')
    this.#isFailing = false
    return true
  }
}

function take<Item>(from: Iterable<Item>, count: number): Item[] {
  const taken: Item[] = []
  for (const item of from) {
    if (taken.length >= count) break
    taken.push(item)
  }
  return taken
}
