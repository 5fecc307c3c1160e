import type { Clock, RoomVersion, SnapshotMessage } from '@app/protocol'
import type { Counters } from './counters.ts'
import { Counts } from './counts.ts'
import { flush, snapshot } from './delta.ts'
import { flushAtMs, flushBeforeMs, flushPauseMs, middlingLoad, paceFor, renewalFlushAtMs } from './flush-time.ts'
import { catchUp, createHall, group, holdBack, isEmpty, type Hall } from './hall.ts'
import { changeCount, hasChanges, type Room } from './room.ts'
import type { Link, Transport } from './transport.ts'

const never = Number.POSITIVE_INFINITY

// A listener that has not caught up by then is let go: it comes back with a snapshot, which is smaller.
const behindMaxMs = 30_000
const behindMaxBytes = 1_000_000

export interface HubOptions {
  readonly clock: Clock
  readonly nowMs: () => number
  /** Runs something that a timer brought about, as a turn that ends with `settle`. */
  readonly turn: (run: () => void) => void
  readonly transport: Transport
  readonly epoch: string
  readonly flushMs: number
  readonly counters: Counters
  /** A listener could not catch up: its connection is to be ended. */
  readonly tooSlow: (link: Link) => void
}

/** Keeps the rooms, knows who listens to them, and decides when they are told. */
export class Hub {
  /** Those who only want to know how many are in a room. */
  readonly counts: Counts
  readonly #halls = new Map<string, Hall>()
  /** Touched in this turn: to be flushed, waited for, or dropped when the turn settles. */
  readonly #touched = new Set<Hall>()
  /** The rooms that a link listens to or is entering. */
  readonly #hallsOf = new Map<Link, Set<Hall>>()
  readonly #options: HubOptions
  #lastNumber = 0
  #load = middlingLoad

  constructor(options: HubOptions) {
    this.#options = options
    this.counts = new Counts({ ...options, find: (place) => this.find(place) })
  }

  find(place: string): Room | undefined {
    return this.#halls.get(place)?.room
  }

  /** The room, made anew when nobody is there yet. It is dropped again when the turn settles and it is still empty. */
  open(place: string): Room {
    return this.#hall(place).room
  }

  rooms(): Iterable<Room> {
    return [...this.#halls.values()].map((hall) => hall.room)
  }

  /** How many links hear of the room. */
  listeners(place: string): number {
    return this.#halls.get(place)?.listeners.size ?? 0
  }

  isListening(link: Link, place: string): boolean {
    return this.#halls.get(place)?.listeners.has(link) ?? false
  }

  /**
   * Asks for a snapshot and every delta after it. It comes with the room's next flush: when the turn settles, or when the
   * pause of a busy room is over, so that a crowd that enters does not make it flush more often.
   */
  enter(link: Link, place: string, onSnapshot: (answer: unknown) => void): void {
    const hall = this.#hall(place)
    const waiting = hall.entering.get(link)
    if (waiting) waiting.replies.push(onSnapshot)
    else hall.entering.set(link, { sinceMs: this.#options.nowMs(), replies: [onSnapshot] })
    const halls = this.#hallsOf.get(link)
    if (halls) halls.add(hall)
    else this.#hallsOf.set(link, new Set([hall]))
    this.#setDue(hall, hasChanges(hall.room) ? this.#pauseEndsAtMs(hall) : this.#options.nowMs())
  }

  /** The link hears of the room no more. Who waits for its snapshot is answered: with null, unless there is an error. */
  exit(link: Link, place: string, answer: unknown = null): void {
    const hall = this.#halls.get(place)
    if (hall) this.#exit(hall, link, answer)
  }

  /** The link hears of no room any more, nor of its size. */
  exitAll(link: Link): void {
    this.counts.removeAll(link)
    for (const hall of this.#hallsOf.get(link) ?? []) this.#exit(hall, link)
  }

  /** The rooms that a link listens to or is entering. */
  places(link: Link): readonly string[] {
    return [...(this.#hallsOf.get(link) ?? [])].map(({ room }) => room.place)
  }

  /** The rooms that a link hears live, for the hash of their versions (S2). */
  versions(link: Link): RoomVersion[] {
    const halls = [...(this.#hallsOf.get(link) ?? [])].filter(
      (hall) => hall.listeners.has(link) && !hall.behind.has(link),
    )
    return halls.map(({ room: { number, version } }) => ({ number, version }))
  }

  isBehind(link: Link): boolean {
    // Asked with every pong.
    for (const hall of this.#hallsOf.get(link) ?? []) if (hall.behind.has(link) || hall.entering.has(link)) return true
    return false
  }

  /** What was sent to the link is out. */
  caughtUp(link: Link): void {
    if (link.isBehind()) return
    for (const hall of this.#hallsOf.get(link) ?? []) {
      if (hall.entering.has(link)) {
        // The snapshot holds all that it missed.
        this.#setDue(hall, this.#options.nowMs())
        continue
      }
      if (!hall.behind.has(link)) continue
      catchUp(hall, link)
      this.#options.counters.deltasSent++
      this.#options.counters.resyncs.behind++
      // It was out of the group when the others were told.
      link.send(['pace', hall.room.key, hall.paceMs ?? this.#options.flushMs])
    }
  }

  /** How many links wait for something that others have been told. */
  get slow(): number {
    const slow = new Set<Link>()
    for (const { behind } of this.#halls.values()) for (const link of behind.keys()) slow.add(link)
    return slow.size
  }

  get load(): number {
    return this.#load
  }

  /** To be called now and then: how busy the process was of late, from 0 to 1. Snapshots are not kept for ever. */
  refresh(load: number): void {
    this.#load = load
    for (const hall of this.#halls.values()) hall.whole = undefined
  }

  /** Lets those go who have been behind for too long, or for whom too much waits. */
  dropSlow(): void {
    const nowMs = this.#options.nowMs()
    const slow = new Set<Link>()
    for (const hall of this.#halls.values()) {
      for (const [link, { sinceMs, delta }] of hall.behind) {
        if (nowMs - sinceMs > behindMaxMs || JSON.stringify(delta).length > behindMaxBytes) slow.add(link)
      }
      for (const [link, { sinceMs }] of hall.entering) if (nowMs - sinceMs > behindMaxMs) slow.add(link)
    }
    for (const link of slow) this.#options.tooSlow(link)
  }

  /** After a stall: whoever was behind had no chance to catch up meanwhile (L7). */
  extendPatience(ms: number): void {
    for (const { behind, entering } of this.#halls.values()) {
      for (const [link, backlog] of behind) behind.set(link, { ...backlog, sinceMs: backlog.sinceMs + ms })
      for (const [link, waiting] of entering) entering.set(link, { ...waiting, sinceMs: waiting.sinceMs + ms })
    }
  }

  /** The room has changes to tell. */
  touch(room: Room): void {
    const hall = this.#hall(room.place)
    this.#setDue(hall, this.#pauseEndsAtMs(hall))
  }

  /** The room has changes to tell while a timed lease still runs as peers know it. */
  touchBefore(room: Room, deadlineMs: number): void {
    const hall = this.#hall(room.place)
    this.#setDue(hall, flushBeforeMs(this.#options.nowMs(), deadlineMs, hall.flushedAtMs, this.#pauseMs(hall)))
  }

  /** The room has a renewed lease to tell, before the earlier of its old and its new deadline. */
  touchGently(room: Room, earlierDeadlineMs: number): void {
    const hall = this.#hall(room.place)
    this.#setDue(
      hall,
      renewalFlushAtMs(this.#options.nowMs(), earlierDeadlineMs, hall.flushedAtMs, this.#pauseMs(hall)),
    )
  }

  /** Ends a turn: what may be told is told, the rest waits for its moment, and empty rooms are dropped. */
  settle(): void {
    const nowMs = this.#options.nowMs()
    for (const hall of this.#touched) {
      if (hall.dueAtMs <= nowMs) this.#flush(hall, nowMs)
      else if (hall.dueAtMs < hall.wakesAtMs) this.#wait(hall, nowMs)
      if (isEmpty(hall)) this.#drop(hall)
    }
    this.#touched.clear()
    this.counts.settle()
  }

  /** Tells every room what it does not know yet. */
  flushAll(): void {
    for (const hall of this.#halls.values()) this.#flush(hall, this.#options.nowMs())
  }

  stop(): void {
    this.counts.stop()
    for (const hall of this.#halls.values()) hall.cancel()
  }

  #hall(place: string): Hall {
    let hall = this.#halls.get(place)
    if (!hall) {
      hall = createHall(place, ++this.#lastNumber)
      this.#halls.set(place, hall)
      this.#touched.add(hall)
    }
    return hall
  }

  #pauseEndsAtMs(hall: Hall): number {
    return flushAtMs(this.#options.nowMs(), hall.flushedAtMs, this.#pauseMs(hall))
  }

  #pauseMs({ listeners }: Hall): number {
    return flushPauseMs(this.#options.flushMs, listeners.size, this.#load)
  }

  /** A room that nobody listens to has nothing to wait for; whether it is empty is seen when the turn settles. */
  #setDue(hall: Hall, atMs: number): void {
    if (hall.listeners.size > 0 || hall.entering.size > 0) hall.dueAtMs = Math.min(hall.dueAtMs, atMs)
    else if (hall.room.entries.size > 0) return
    this.#touched.add(hall)
  }

  #wait(hall: Hall, nowMs: number): void {
    hall.cancel()
    hall.wakesAtMs = hall.dueAtMs
    hall.cancel = this.#options.clock.after(hall.dueAtMs - nowMs, () => {
      hall.wakesAtMs = never
      this.#options.turn(() => this.#touched.add(hall))
    })
  }

  /** One delta for those who listen, then one snapshot for those who enter, in one turn: no gap, no double (S1). */
  #flush(hall: Hall, nowMs: number): void {
    const { room, listeners, entering, dueAtMs } = hall
    const { counters, transport } = this.#options
    hall.cancel()
    hall.wakesAtMs = never
    hall.dueAtMs = never
    // Where nobody listens, what changed is in the snapshot of who comes first.
    if (listeners.size === 0 && entering.size === 0) return
    const changes = changeCount(room)
    const delta = flush(room)
    if (delta) {
      hall.flushedAtMs = nowMs
      counters.flushChanges.observe(changes)
      // Without a moment that was planned it is told because the server stops.
      if (dueAtMs < never) counters.flushLag.observe((nowMs - dueAtMs) / 1_000)
      counters.flushPause.observe(this.#pauseMs(hall) / 1_000)
      holdBack(hall, delta, nowMs)
      const live = listeners.size - hall.behind.size
      counters.deltasSent += live
      if (live > 0) transport.broadcast(group(room), delta)
    }
    // Whoever does not read gets one, once it does.
    const ready = [...entering].filter(([link]) => !link.isBehind())
    if (ready.length === 0) return
    const whole = this.#whole(hall)
    for (const [link, { replies }] of ready) {
      entering.delete(link)
      counters.resyncs[listeners.has(link) ? 'asked' : 'entered']++
      listeners.add(link)
      // The snapshot holds all that it missed.
      hall.behind.delete(link)
      link.join(group(room))
      link.send(whole)
      for (const reply of replies) reply(null)
    }
    this.#setPace(hall)
  }

  #whole(hall: Hall): SnapshotMessage {
    const { version, silent } = hall.room
    if (hall.whole?.version !== version || hall.whole.silent !== silent)
      hall.whole = { message: snapshot(hall.room, this.#options.epoch), version, silent }
    return hall.whole.message
  }

  /** Who listens alone need not hurry, nor in a crowd; in between, the hello's pace holds. */
  #setPace(hall: Hall): void {
    const { room, listeners } = hall
    const paceMs = paceFor(listeners.size, hall.paceMs)
    if (paceMs === hall.paceMs) return
    hall.paceMs = paceMs
    if (listeners.size > 0)
      this.#options.transport.broadcast(group(room), ['pace', room.key, paceMs ?? this.#options.flushMs])
  }

  #exit(hall: Hall, link: Link, answer: unknown = null): void {
    for (const reply of hall.entering.get(link)?.replies ?? []) reply(answer)
    hall.entering.delete(link)
    hall.behind.delete(link)
    if (hall.listeners.delete(link)) {
      link.leave(group(hall.room))
      this.#setPace(hall)
    }
    const halls = this.#hallsOf.get(link)
    halls?.delete(hall)
    if (halls?.size === 0) this.#hallsOf.delete(link)
    this.#touched.add(hall)
  }

  #drop(hall: Hall): void {
    hall.cancel()
    this.#halls.delete(hall.room.place)
  }
}
