import type { EntryName } from './store.ts'

/** What one write is about: names, not what they stand for. */
export interface Batch {
  readonly entries: readonly (readonly [key: string, name: EntryName])[]
  readonly clients: readonly number[]
  readonly forgotten: readonly number[]
}

/** The names of all that has changed and is in no batch yet, in the order of the first change. */
export class Unwritten {
  #entries = new Map<string, EntryName>()
  #clients = new Set<number>()
  #forgotten = new Set<number>()

  get size(): number {
    return this.#entries.size + this.#clients.size + this.#forgotten.size
  }

  get isEmpty(): boolean {
    return this.size === 0
  }

  hasEntry(key: string): boolean {
    return this.#entries.has(key)
  }

  addEntry(key: string, name: EntryName): void {
    this.#entries.set(key, name)
  }

  addClient(clientId: number): void {
    this.#clients.add(clientId)
    this.#forgotten.delete(clientId)
  }

  forgetClient(clientId: number): void {
    this.#forgotten.add(clientId)
  }

  /** Takes out what comes first. What changes from now on is for another batch. */
  take(rows: number): Batch {
    const entries = first(this.#entries, rows)
    const clients = first(this.#clients, rows - entries.length)
    const forgotten = first(this.#forgotten, rows - entries.length - clients.length)
    for (const [key] of entries) this.#entries.delete(key)
    for (const clientId of clients) this.#clients.delete(clientId)
    for (const clientId of forgotten) this.#forgotten.delete(clientId)
    return { entries, clients, forgotten }
  }

  /** The batch was not written: it comes first again. Who has come back meanwhile is not to be forgotten any more. */
  putBack({ entries, clients, forgotten }: Batch): void {
    this.#entries = new Map([...entries, ...this.#entries])
    this.#forgotten = new Set([...forgotten.filter((clientId) => !this.#clients.has(clientId)), ...this.#forgotten])
    this.#clients = new Set([...clients, ...this.#clients])
  }
}

function first<Item>(from: Iterable<Item>, count: number): Item[] {
  const taken: Item[] = []
  for (const item of from) {
    if (taken.length >= count) break
    taken.push(item)
  }
  return taken
}
