import { createHash, timingSafeEqual } from 'node:crypto'
import { PresenceError } from '@app/protocol'
import { isOlder, type Fence } from './fence.ts'
import { bindingKeptMs, type StoredClient } from './store.ts'

/** Remembers which secret each `clientId` is bound to, so that nobody takes over another's (A1). */
export class Clients {
  readonly #bound = new Map<number, StoredClient>()
  readonly #save: (clientId: number) => void
  readonly #newest = new Map<number, Fence>()

  constructor(known: readonly StoredClient[], save: (clientId: number) => void) {
    for (const client of known) this.#bound.set(client.clientId, client)
    this.#save = save
  }

  find(clientId: number): StoredClient | undefined {
    return this.#bound.get(clientId)
  }

  /** The first to come with an id binds it. Throws `client-id-taken` for another secret. */
  bind(clientId: number, secret: string, userId: string | undefined, fence: Fence, nowMs: number): void {
    const secretHash = hash(secret)
    const known = this.#bound.get(clientId)
    if (known && !isSame(known.secretHash, secretHash)) {
      throw new PresenceError(
        'client-id-taken',
        `The clientId ${clientId} belongs to a client with another secret. Pick a new random id and secret.`,
      )
    }
    // Of a connection that a newer one has overtaken, nothing is to be remembered (L6).
    if (!this.#isOvertaken(clientId, fence)) this.#set({ clientId, secretHash, userId, seenAtMs: nowMs })
  }

  /** Whether no newer connection of the client has passed (L6). */
  pass(clientId: number, fence: Fence): boolean {
    if (this.#isOvertaken(clientId, fence)) return false
    this.#newest.set(clientId, fence)
    return true
  }

  #isOvertaken(clientId: number, fence: Fence): boolean {
    const newest = this.#newest.get(clientId)
    return newest !== undefined && isOlder(fence, newest)
  }

  setUser(clientId: number, userId: string | undefined): void {
    const known = this.#bound.get(clientId)
    if (known && known.userId !== userId) this.#set({ ...known, userId })
  }

  /** The connection is gone; from its last sign of life the binding is kept for a day. */
  lastSeen(clientId: number, seenAtMs: number): void {
    const known = this.#bound.get(clientId)
    if (known) this.#set({ ...known, seenAtMs })
  }

  /**
   * At a start, nobody can have been seen later than now: the system's clock has gone back since. It is saved, so that the
   * next start does not take it for news.
   */
  seenBy(nowMs: number): void {
    for (const client of this.#bound.values()) if (client.seenAtMs > nowMs) this.#set({ ...client, seenAtMs: nowMs })
  }

  /** Forgets the bindings of those who have been away for a day; returns their ids. */
  forget(nowMs: number, isConnected: (clientId: number) => boolean): number[] {
    const gone = [...this.#bound.values()]
      .filter((client) => client.seenAtMs + bindingKeptMs < nowMs && !isConnected(client.clientId))
      .map((client) => client.clientId)
    for (const clientId of gone) {
      this.#bound.delete(clientId)
      this.#newest.delete(clientId)
    }
    return gone
  }

  #set(client: StoredClient): void {
    this.#bound.set(client.clientId, client)
    this.#save(client.clientId)
  }
}

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
