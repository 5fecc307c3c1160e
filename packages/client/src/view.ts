import { PresenceError, type Decode } from '@app/protocol'
import type { LeftReason, PresenceChange, PresenceEntries, PresenceEntry } from './presence.ts'
import { entryOf, type Deadlines, type Shown } from './shown.ts'
import { Subscribable } from './subscribable.ts'

/** What has become of one client's entry, before any schema has looked at it: it came, is another, or left. */
export interface RawChange {
  readonly before: Shown | undefined
  readonly after: Shown | undefined
  /** Why it left, if it did. */
  readonly reason: LeftReason
}

/** What a view needs of its room. */
export interface ViewSource extends Deadlines {
  readonly key: string
  readonly shown: ReadonlyMap<number, Shown>
  /** Counts the changes of what is shown. */
  readonly revision: number
  report(error: PresenceError): void
}

/** A room seen through one schema, or through none. Handles with the same schema share it. */
export class View<T = unknown> {
  readonly changed = new Subscribable<[PresenceEntries<T>, PresenceChange<T>]>()
  readonly #source: ViewSource
  readonly #decode: Decode | null
  readonly #decoded = new WeakMap<Shown, PresenceEntry<T> | null>()
  readonly #reported = new Set<number>()
  #entries: PresenceEntries<T> = new Map()
  #seenRevision = -1
  #announced: PresenceEntries<T> | null = null

  constructor(source: ViewSource, decode: Decode | null) {
    this.#source = source
    this.#decode = decode
  }

  /** The present entries; the same Map until one of them is another. */
  entries(): PresenceEntries<T> {
    if (this.#seenRevision === this.#source.revision) return this.#entries
    this.#seenRevision = this.#source.revision
    const entries = new Map<number, PresenceEntry<T>>()
    for (const shown of this.#source.shown.values()) {
      const entry = this.#entry(shown)
      if (entry) entries.set(shown.clientId, entry)
    }
    if (!isSameMap(entries, this.#entries)) this.#entries = entries
    return this.#entries
  }

  /** The entries that the last event told; the present ones while nobody listens. */
  announced(): PresenceEntries<T> {
    return this.changed.size > 0 && this.#announced ? this.#announced : this.entries()
  }

  onChange(listener: (entries: PresenceEntries<T>, change: PresenceChange<T>) => void): () => void {
    if (this.changed.size === 0) this.#announced = this.entries()
    return this.changed.add(listener)
  }

  /** The room changed. Returns the round that tells the listeners, or null when there is nothing to tell. */
  apply(changes: readonly RawChange[]): (() => void) | null {
    const joined: PresenceEntry<T>[] = []
    const updated: PresenceEntry<T>[] = []
    const left: PresenceChange<T>['left'][number][] = []
    for (const { before, after, reason } of changes) {
      const was = before && this.#entry(before)
      const is = after && this.#entry(after)
      if (is) (was ? updated : joined).push(is)
      // To whoever reads by this schema, what it cannot read has left.
      else if (was) left.push({ clientId: was.clientId, entry: was, reason: after ? 'refused' : reason })
    }
    const entries = this.entries()
    if (joined.length + updated.length + left.length === 0) return null
    return () => {
      this.#announced = entries
      this.changed.emit(entries, { joined, updated, left })
    }
  }

  /** The entry as this schema reads it; null when it cannot (P9). */
  #entry(shown: Shown): PresenceEntry<T> | null {
    if (!this.#decode) return shown.entry as PresenceEntry<T>
    const known = this.#decoded.get(shown)
    if (known !== undefined) return known
    const read = this.#decode(shown.data)
    const entry = read.ok ? entryOf(shown, read.value as T, this.#source) : null
    this.#decoded.set(shown, entry)
    if (read.ok) this.#reported.delete(shown.clientId)
    else this.#reportOnce(shown, read.code, read.problem)
    return entry
  }

  #reportOnce({ clientId, user }: Shown, code: 'bad-data' | 'bad-schema', problem: string): void {
    if (this.#reported.has(clientId)) return
    this.#reported.add(clientId)
    const room = this.#source.key
    const who = user ? ` (user "${user.id}")` : ''
    this.#source.report(
      new PresenceError(code, `An entry in "${room}" by client ${clientId}${who} is left out: ${problem}.`, { room }),
    )
  }
}

function isSameMap(one: PresenceEntries, other: PresenceEntries): boolean {
  if (one.size !== other.size) return false
  for (const [clientId, entry] of one) if (other.get(clientId) !== entry) return false
  return true
}
