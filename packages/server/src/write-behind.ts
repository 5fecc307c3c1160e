import type { Clock } from '@app/protocol'
import type { Counters } from './counters.ts'
import type { Logger } from './logger.ts'
import type { EntryName, PresenceStore, Seen, StoreChanges, StoredClient, StoredEntry } from './store.ts'
import { isPromise, StoreCalls, type CallKind } from './store-calls.ts'
import { Unwritten, type Batch } from './unwritten.ts'

// What others wait for while a batch is made and handed over: half a millisecond, docs/decisions/0008-hot-path.md.
const batchRows = 250
// Two numbers each, which is much less.
const seenRows = 1_000
// A disk that is full or gone stays so for a while.
const retryMs = 1_000
// As long as those who stop programs wait, at the least, before they kill (Docker: 10 s), with time left for the rest.
const closeMs = 5_000

export interface WriteBehindOptions {
  readonly store: PresenceStore
  readonly clock: Clock
  readonly logger: Logger
  readonly counters: Counters
  readonly persistMs: number
  /** What is to be written of an entry by now; undefined when it is gone. */
  readonly entry: (name: EntryName) => StoredEntry | undefined
  readonly client: (clientId: number) => StoredClient | undefined
}

/**
 * Writes what changed to the store, behind the presence in memory: it keeps the names of what changed and looks up what
 * there is to write only then. One batch is under way at most; what changes meanwhile is in the next one. A store that
 * fails is tried again until it works; presence goes on meanwhile.
 */
export class WriteBehind {
  readonly #options: WriteBehindOptions
  readonly #calls: StoreCalls
  readonly #next = new Unwritten()
  readonly #soon = new Map<string, EntryName>()
  /** Who was seen, and waits for the call that is under way. */
  readonly #seen = new Set<number>()
  #cancelNext: (() => void) | undefined
  #cancelSoon: (() => void) | undefined
  #cancelSeen: (() => void) | undefined
  #isClosed = false
  #hasGivenUp = false

  constructor(options: WriteBehindOptions) {
    this.#options = options
    this.#calls = new StoreCalls(options.logger)
  }

  get isFailing(): boolean {
    return this.#calls.isFailing
  }

  /** How many changes have not been given to the store. When clients were seen last is none. */
  get unwritten(): number {
    return this.#next.size + this.#soon.size
  }

  /** `next`: in the next turn. `soon`: at most `persistMs` later, with all that changed by then. */
  saveEntry({ room, clientId }: EntryName, when: 'next' | 'soon'): void {
    const key = `${clientId} ${room}`
    if (this.#next.hasEntry(key)) return
    if (when === 'soon' && !this.#isClosed) {
      this.#soon.set(key, { room, clientId })
      this.#cancelSoon ??= this.#options.clock.after(this.#options.persistMs, () => this.#writeSoon())
      return
    }
    this.#soon.delete(key)
    this.#next.addEntry(key, { room, clientId })
    this.#writeNext()
  }

  saveClient(clientId: number): void {
    this.#next.addClient(clientId)
    this.#writeNext()
  }

  forgetClients(clientIds: readonly number[]): void {
    for (const clientId of clientIds) this.#next.forgetClient(clientId)
    if (clientIds.length > 0) this.#writeNext()
  }

  /** Sets when these clients were last seen. What fails is tried again, together with those who were seen meanwhile. */
  saveSeen(clientIds: readonly number[]): void {
    for (const clientId of clientIds) this.#seen.add(clientId)
    if (this.#seen.size > 0 && !this.#calls.underWay) void this.#writeSeen()
  }

  /**
   * Writes everything now and nothing later, and closes the store. It is done when this returns, if the store answers at
   * once; else when the promise resolves, which it does in any case: what fails is said in the log.
   */
  close(): void | Promise<void> {
    this.#isClosed = true
    this.#cancelNext?.()
    this.#cancelSoon?.()
    this.#cancelSeen?.()
    this.#moveSoon()
    const { underWay } = this.#calls
    const end = underWay ? underWay.then(() => this.#writeRest()) : this.#writeRest()
    return isPromise(end) ? this.#giveTime(end) : undefined
  }

  #writeSoon(): void {
    this.#moveSoon()
    if (!this.#next.isEmpty) this.#writeNext()
  }

  #moveSoon(): void {
    this.#cancelSoon = undefined
    for (const [key, name] of this.#soon) this.#next.addEntry(key, name)
    this.#soon.clear()
  }

  #writeNext(afterMs = 0): void {
    // What is under way goes on from there when it ends, and closing from batch to batch.
    if (this.#isClosed || this.#calls.underWay) return
    this.#cancelNext ??= this.#options.clock.after(afterMs, () => {
      this.#cancelNext = undefined
      if (!this.#calls.underWay) void this.#writeBatch()
    })
  }

  #writeSeenLater(): void {
    this.#cancelSeen ??= this.#options.clock.after(retryMs, () => {
      this.#cancelSeen = undefined
      if (this.#seen.size > 0 && !this.#calls.underWay) void this.#writeSeen()
    })
  }

  #goOn(kind: CallKind, isWritten: boolean): void {
    if (this.#isClosed) return
    if (this.#seen.size > 0) {
      if (isWritten) void this.#writeSeen()
      else this.#writeSeenLater()
    }
    // They do not wait because of who was seen.
    if (!this.#next.isEmpty) this.#writeNext(isWritten || kind === 'seen' ? 0 : retryMs)
  }

  #writeBatch(): boolean | Promise<boolean> {
    const batch = this.#next.take(batchRows)
    const changes = this.#lookUp(batch)
    // A client's row says when it was seen. Should it be refused, the time alone may still be taken.
    const seen = batch.clients.filter((clientId) => this.#seen.delete(clientId))
    return this.#call(
      'changes',
      () => this.#options.store.write(changes),
      (isWritten) => {
        if (!isWritten) {
          this.#next.putBack(batch)
          for (const clientId of seen) this.#seen.add(clientId)
        }
        this.#goOn('changes', isWritten)
      },
    )
  }

  #writeSeen(): boolean | Promise<boolean> {
    const clientIds = [...this.#seen].slice(0, seenRows)
    const seen: Seen[] = []
    for (const clientId of clientIds) {
      this.#seen.delete(clientId)
      // By now: what was so when it was first tried may be older than the row.
      const client = this.#options.client(clientId)
      if (client) seen.push([clientId, client.seenAtMs])
    }
    return this.#call(
      'seen',
      () => this.#options.store.writeSeen(seen),
      (isWritten) => {
        if (!isWritten) for (const clientId of clientIds) this.#seen.add(clientId)
        this.#goOn('seen', isWritten)
      },
    )
  }

  /** As `StoreCalls` has it, with a look at the clock. */
  #call(...[kind, write, answered]: Parameters<StoreCalls['call']>): boolean | Promise<boolean> {
    const { clock, counters } = this.#options
    const startedMs = clock.monotonicMs()
    return this.#calls.call(kind, write, (isWritten) => {
      counters.storeBatch.observe((clock.monotonicMs() - startedMs) / 1_000)
      if (!isWritten) counters.storeFailures++
      answered(isWritten)
    })
  }

  #lookUp(batch: Batch): StoreChanges {
    const gone: EntryName[] = []
    const entries: StoredEntry[] = []
    for (const [, name] of batch.entries) {
      const entry = this.#options.entry(name)
      if (entry) entries.push(entry)
      else gone.push(name)
    }
    const clients = batch.clients.map((id) => this.#options.client(id)).filter((client) => client !== undefined)
    return { gone, entries, clients, forgotten: batch.forgotten }
  }

  /** Goes on at once as long as the store answers at once; gives up on a kind of call that fails. */
  #writeRest(failed = new Set<CallKind>()): void | Promise<void> {
    for (let kind = this.#left(failed); kind !== undefined; kind = this.#left(failed)) {
      const tried = kind
      const isWritten = tried === 'changes' ? this.#writeBatch() : this.#writeSeen()
      if (isPromise(isWritten)) return isWritten.then((is) => this.#writeRest(is ? failed : failed.add(tried)))
      if (!isWritten) failed.add(tried)
    }
    return this.#closeStore()
  }

  /** Which call is next when closing. Looked up each time: somebody's connection may end meanwhile. */
  #left(failed: ReadonlySet<CallKind>): CallKind | undefined {
    if (this.#hasGivenUp) return undefined
    if (!this.#next.isEmpty && !failed.has('changes')) return 'changes'
    return this.#seen.size > 0 && !failed.has('seen') ? 'seen' : undefined
  }

  #closeStore(): void | Promise<void> {
    const { store, logger } = this.#options
    if (!this.#next.isEmpty || this.#seen.size > 0) {
      const what = this.#next.isEmpty ? 'when clients were seen last' : 'what changed last'
      logger.error({}, `The store is closed without ${what}: it could not be written.`)
    }
    const failed = (err: unknown): void => logger.error({ err }, 'The store could not be closed.')
    try {
      const answer = store.close()
      return isPromise(answer) ? answer.then(undefined, failed) : undefined
    } catch (err) {
      return failed(err)
    }
  }

  #giveTime(end: Promise<void>): Promise<void> {
    const { clock, logger } = this.#options
    return new Promise((resolve) => {
      const cancel = clock.after(closeMs, () => {
        this.#hasGivenUp = true
        logger.error({}, `The store was not written and closed within ${closeMs} ms. It is left as it is.`)
        resolve()
      })
      void end.then(() => {
        cancel()
        resolve()
      })
    })
  }
}
