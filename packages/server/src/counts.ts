import type { Clock, CountMessage } from '@app/protocol'
import { keyOf } from './place.ts'
import { countOf, isSameCount, type Count, type Room } from './room.ts'
import type { Link, Transport } from './transport.ts'

// Who only counts needs no more; a thousand who come at once cost each of them two messages.
const countEveryMs = 1_000

/** A room that somebody counts, also while it has no entries and the hub knows nothing of it. */
interface Counted {
  readonly place: string
  readonly links: Set<Link>
  /** Those of them who are out of the group for now: what was sent to them before has not gone out. */
  readonly behind: Set<Link>
  /** What everyone in the group has been told. */
  count: Count
  /** Somebody came or went since. */
  isStale: boolean
  countedAtMs: number
  cancel: (() => void) | null
}

export interface CountsOptions {
  readonly clock: Clock
  readonly nowMs: () => number
  /** Runs something that a timer brought about, as a turn that ends with `settle`. */
  readonly turn: (run: () => void) => void
  readonly transport: Transport
  readonly find: (place: string) => Room | undefined
}

/**
 * Tells those who count a room how many are in it: at once when they ask, then at most once a second and only when a number
 * is another. A room is counted when that is due and somebody wants to know, not when it changes.
 */
export class Counts {
  readonly #options: CountsOptions
  readonly #counted = new Map<string, Counted>()
  readonly #countedBy = new Map<Link, Set<Counted>>()
  /** To be told, or waited for, when the turn settles. */
  readonly #touched = new Set<Counted>()

  constructor(options: CountsOptions) {
    this.#options = options
  }

  /** Tells how many are in the room, and goes on telling. What is told at once is at most a second old. */
  add(link: Link, place: string): void {
    const counted = this.#counted.get(place) ?? this.#begin(place)
    counted.links.add(link)
    const by = this.#countedBy.get(link)
    if (by) by.add(counted)
    else this.#countedBy.set(link, new Set([counted]))
    if (counted.behind.has(link)) return
    if (link.isBehind()) {
      // Whoever asks again and again and reads nothing gets one answer, once it does.
      counted.behind.add(link)
      return this.#wait(counted, countEveryMs)
    }
    link.join(group(place))
    link.send(messageOf(counted))
  }

  remove(link: Link, place: string): void {
    const counted = this.#counted.get(place)
    if (counted) this.#remove(link, counted)
  }

  /** The rooms that a link counts. */
  places(link: Link): readonly string[] {
    return [...(this.#countedBy.get(link) ?? [])].map(({ place }) => place)
  }

  removeAll(link: Link): void {
    for (const counted of this.#countedBy.get(link) ?? []) this.#remove(link, counted)
  }

  /** Somebody came into the room or went, or is another user now. */
  changed(place: string): void {
    const counted = this.#counted.get(place)
    if (!counted) return
    counted.isStale = true
    this.#touched.add(counted)
  }

  /** Ends a turn: what is due is told, the rest waits for its moment. */
  settle(): void {
    if (this.#touched.size === 0) return
    const nowMs = this.#options.nowMs()
    for (const counted of this.#touched) {
      const dueInMs = counted.countedAtMs + countEveryMs - nowMs
      if (dueInMs <= 0) this.#tell(counted, nowMs)
      else this.#wait(counted, dueInMs)
    }
    this.#touched.clear()
  }

  stop(): void {
    for (const counted of this.#counted.values()) counted.cancel?.()
  }

  #begin(place: string): Counted {
    const counted: Counted = {
      place,
      links: new Set(),
      behind: new Set(),
      count: this.#count(place),
      isStale: false,
      countedAtMs: this.#options.nowMs(),
      cancel: null,
    }
    this.#counted.set(place, counted)
    return counted
  }

  #count(place: string): Count {
    return countOf(this.#options.find(place)?.entries.values() ?? [])
  }

  #tell(counted: Counted, nowMs: number): void {
    counted.cancel?.()
    counted.cancel = null
    const before = counted.count
    if (counted.isStale) counted.count = this.#count(counted.place)
    counted.isStale = false
    counted.countedAtMs = nowMs
    if (!isSameCount(counted.count, before)) this.#broadcast(counted)
    this.#catchUp(counted)
    // Nobody says when what waited for them is out: they are looked at again.
    if (counted.behind.size > 0) this.#wait(counted, countEveryMs)
  }

  /** Whoever was behind gets the newest numbers and none of those between. */
  #catchUp(counted: Counted): void {
    for (const link of counted.behind) {
      if (link.isBehind()) continue
      counted.behind.delete(link)
      link.join(group(counted.place))
      link.send(messageOf(counted))
    }
  }

  #broadcast(counted: Counted): void {
    for (const link of counted.links) {
      if (counted.behind.has(link) || !link.isBehind()) continue
      counted.behind.add(link)
      link.leave(group(counted.place))
    }
    if (counted.links.size > counted.behind.size)
      this.#options.transport.broadcast(group(counted.place), messageOf(counted))
  }

  #wait(counted: Counted, delayMs: number): void {
    counted.cancel ??= this.#options.clock.after(delayMs, () => {
      counted.cancel = null
      this.#options.turn(() => this.#touched.add(counted))
    })
  }

  #remove(link: Link, counted: Counted): void {
    if (!counted.links.delete(link)) return
    counted.behind.delete(link)
    link.leave(group(counted.place))
    const by = this.#countedBy.get(link)
    by?.delete(counted)
    if (by?.size === 0) this.#countedBy.delete(link)
    if (counted.links.size > 0) return
    counted.cancel?.()
    this.#counted.delete(counted.place)
    this.#touched.delete(counted)
  }
}

function messageOf({ place, count: { users, clients } }: Counted): CountMessage {
  return ['c', keyOf(place), users, clients]
}

/** The name of those who count the room. */
function group(place: string): string {
  return `count ${place}`
}
