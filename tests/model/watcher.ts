import type {
  PresenceChange,
  PresenceEntries,
  PresenceEntry,
  PresenceRoom,
} from '../../packages/client/src/presence.ts'
import { claim } from './broken.ts'

type Entries = PresenceEntries<unknown>
type Watched = Pick<PresenceRoom<never, unknown>, 'value' | 'onChange' | 'announced'>
/** What an entry says, for as long as it is the same object. */
type Content = Map<number, { readonly entry: PresenceEntry; readonly json: string; readonly user: string }>

/** Holds one handle to what it promises: P2, P4, P5 and what `onChange` tells. */
export class Watcher {
  readonly #room: Watched
  readonly #nowMs: () => number
  readonly #name: string
  #last: Entries = new Map()
  #content: Content = new Map()
  #isReading = false
  #stop: (() => void) | null = null
  /** Done inside the next event. */
  inside: (() => void) | null = null
  events = 0

  constructor(room: Watched, nowMs: () => number, name: string) {
    this.#room = room
    this.#nowMs = nowMs
    this.#name = name
  }

  get isListening(): boolean {
    return this.#stop !== null
  }

  listen(): void {
    if (this.#stop) return
    this.#take(this.#read())
    this.#stop = this.#room.onChange((entries, change) => this.#onChange(entries, change))
  }

  hush(): void {
    this.#stop?.()
    this.#stop = null
  }

  /** What there is to see now; if that is news, an event follows in a microtask. */
  look(): void {
    const nowMs = this.#nowMs()
    const entries = this.#read()
    claim(this.#read() === entries, 'P4', () => `${this.#name}: two reads, two Maps`)
    for (const { clientId, expiresAtMs } of entries.values()) {
      claim(expiresAtMs >= nowMs, 'P2', () => {
        return `${this.#name}: value() holds client ${clientId}, over since ${nowMs - expiresAtMs} ms`
      })
    }
  }

  /** Once timers and microtasks have run: what was announced is what there is, and none of it is over. */
  checkAnnounced(isOnTime: boolean): void {
    if (!this.#stop) return
    const nowMs = this.#nowMs()
    claim(this.#room.announced() === this.#last, 'P4', () => `${this.#name}: announced() is not what onChange told`)
    this.#checkUnchanged()
    if (!isOnTime) return
    for (const { clientId, expiresAtMs } of this.#last.values()) {
      // A timer counts from within a millisecond, the clock in whole ones.
      claim(expiresAtMs >= nowMs - 1, 'P3', () => {
        return `${this.#name}: client ${clientId} is over since ${nowMs - expiresAtMs} ms and nobody was told`
      })
    }
  }

  /** After the microtask that may follow a read. */
  checkTold(): void {
    if (!this.#stop) return
    const entries = this.#read()
    claim(entries === this.#last, 'P4', () => `${this.#name}: value() changed and onChange did not tell`)
  }

  #read(): Entries {
    this.#isReading = true
    const entries = this.#room.value()
    this.#isReading = false
    return entries
  }

  #onChange(entries: Entries, change: PresenceChange): void {
    this.events++
    claim(!this.#isReading, 'P4', () => `${this.#name}: a listener ran inside value()`)
    this.#checkUnchanged()
    this.#checkChange(entries, change)
    this.#take(entries)
    const { inside } = this
    this.inside = null
    inside?.()
  }

  #checkChange(entries: Entries, { joined, updated, left }: PresenceChange): void {
    const before = this.#content
    const joinedIds = new Set(joined.map(({ clientId }) => clientId))
    const updatedIds = new Set(updated.map(({ clientId }) => clientId))
    const leftIds = new Set(left.map(({ clientId }) => clientId))
    const say = (what: string) => () => `${this.#name}: onChange ${what}`
    claim(joined.length + updated.length + left.length > 0, 'P4', say('told nothing'))
    claim(joinedIds.size === joined.length && updatedIds.size === updated.length, 'P4', say('told a client twice'))
    for (const entry of [...joined, ...updated])
      claim(
        entries.get(entry.clientId) === entry,
        'P4',
        say(`told an entry of client ${entry.clientId} not in the Map`),
      )
    for (const { clientId, entry } of left) {
      claim(!entries.has(clientId), 'P4', say(`told that client ${clientId} left, who is in the Map`))
      claim(before.get(clientId)?.entry === entry, 'P4', say(`told that client ${clientId} left, who was not there`))
    }
    for (const [clientId, entry] of entries) {
      const was = before.get(clientId)
      claim(joinedIds.has(clientId) === !was, 'P4', say(`and its Map disagree on client ${clientId} having joined`))
      const isOther = was !== undefined && was.entry !== entry
      claim(updatedIds.has(clientId) === isOther, 'P4', say(`and its Map disagree on an update of client ${clientId}`))
      const isSame = was?.json === JSON.stringify(entry.data) && was.user === JSON.stringify(entry.user)
      claim(!isOther || !isSame, 'P5', say(`told an update of client ${clientId} that changed nothing`))
    }
    for (const clientId of before.keys())
      claim(entries.has(clientId) || leftIds.has(clientId), 'P4', say(`did not tell that client ${clientId} left`))
  }

  #take(entries: Entries): void {
    this.#last = entries
    this.#content = new Map()
    for (const [clientId, entry] of entries)
      this.#content.set(clientId, { entry, json: JSON.stringify(entry.data), user: JSON.stringify(entry.user) })
  }

  /** A Map that was handed out never changes, and neither do its entries. */
  #checkUnchanged(): void {
    claim(
      this.#last.size === this.#content.size &&
        [...this.#content].every(
          ([clientId, { entry, json, user }]) =>
            this.#last.get(clientId) === entry &&
            json === JSON.stringify(entry.data) &&
            user === JSON.stringify(entry.user),
        ),
      'P4',
      () => `${this.#name}: a Map that was handed out has changed`,
    )
  }
}
