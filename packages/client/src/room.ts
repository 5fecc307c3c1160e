import type { Decode, DeltaMessage, PresenceError, RoomRef, SnapshotMessage } from '@app/protocol'
import { Display, never } from './display.ts'
import { getOrMake } from './get-or-make.ts'
import { isHeld } from './intent.ts'
import { Outbox, type PutCall } from './outbox.ts'
import type { LeftReason, RoomReport, RoomStatus } from './presence.ts'
import { Replica, type Lease, type Touched } from './replica.ts'
import { retryDelayMs } from './retry.ts'
import type { RoomHost } from './room-host.ts'
import type { Candidate, Shown } from './shown.ts'
import { Subscribable } from './subscribable.ts'
import { Tracks, type TrackState } from './tracks.ts'
import { View, type RawChange } from './view.ts'

// A value() keeps a room for so long (P11); a listener or an entry that went, only for a remount to come back.
const valueLingerMs = 30_000
const lingerMs = 1_000

/** Whether the room is entered on the present connection. */
type Entered = 'no' | 'asked' | 'yes' | 'refused'

/**
 * One room of one client: what the server says of it (the replica), what I want of it (the outbox), and what both
 * together show (the display). However many handles there are on a key, there is one room.
 */
export class Room {
  readonly key: string
  readonly tracks = new Tracks()
  /** Counts the changes of what is shown. */
  revision = 0
  readonly statusChanged = new Subscribable<[RoomStatus]>()
  readonly #host: RoomHost
  /** One view per schema, for as long as somebody holds what reads it. */
  readonly #views = new WeakMap<Decode, View>()
  readonly #plainView: View
  /** The views that somebody listens to. */
  readonly #listening = new Set<View>()
  readonly #outbox: Outbox
  readonly #display: Display
  #replica = new Replica()
  #number: number | null = null
  #entered: Entered = 'no'
  /** Who I am now may not read it; whoever I am next may. */
  #isBarred = false
  #status: RoomStatus
  /** Since when the server, though connected, does not tell of this room; null while it does. */
  #untoldSinceMs: number | null = null
  #keptUntilMs = 0
  #cancelExpiry = () => {}
  #cancelRetry = () => {}
  #cancelReenter = () => {}
  #cancelLinger: (() => void) | null = null

  constructor(key: string, host: RoomHost) {
    this.key = key
    this.#host = host
    this.#status = host.statusOfNone
    this.#outbox = new Outbox(host, () => this.#ref)
    this.#display = new Display(this)
    this.#plainView = new View(this, null)
  }

  /** What it shows. */
  get shown(): ReadonlyMap<number, Shown> {
    return this.#display.shown
  }

  get status(): RoomStatus {
    return this.#status
  }

  /** Its number and version on this connection; null while no snapshot stands. */
  get position(): { readonly number: number; readonly version: number } | null {
    return this.#entered === 'yes' && this.#number !== null
      ? { number: this.#number, version: this.#replica.version }
      : null
  }

  /** A snapshot stands, and another is under way. */
  get isResyncing(): boolean {
    return this.#entered === 'asked' && this.#number !== null
  }

  /** The room seen through a schema; through none, when `decode` is null. */
  view(decode: Decode | null): View {
    return decode ? getOrMake(this.#views, decode, () => new View(this, decode)) : this.#plainView
  }

  report(error: PresenceError): void {
    this.#host.rounds.add(() => this.#host.report(error))
  }

  // ── What the application asks ──

  /** Puts my entry; the newest call wins. The message goes out before any listener hears of it. */
  put(call: PutCall): void {
    this.#cancelRetry()
    this.#outbox.put(call, this.#display.shown.get(this.#host.clientId)?.joinedAtMs ?? null)
    this.#changedMine('left')
    this.#use()
    this.#outbox.send()
    this.#host.rounds.run()
  }

  /** Shows the track that was updated last, if one runs. */
  putTop(): void {
    const top = this.tracks.top
    if (top) this.put(callOf(top))
  }

  /** Takes my entry away, here at once. Twice is once. */
  leave(): void {
    this.#cancelRetry()
    this.#outbox.leave()
    this.#changedMine('left')
    this.#outbox.send()
    this.#host.rounds.run()
    this.#linger()
  }

  /** A track that a refusal had stopped ends: what the server had confirmed of it goes, unless another one runs. */
  leaveUnheld(): void {
    if (this.tracks.size === 0 && isHeld(this.#outbox.intent)) this.leave()
  }

  /** The data of my entry, as I gave it. */
  mine(): unknown {
    const intent = this.#outbox.intent
    return intent?.kind === 'put' ? intent.input : undefined
  }

  /** Somebody reads: the room is kept for a while, and holds no expired entry. */
  read(): void {
    this.#keptUntilMs = this.#host.clock.monotonicMs() + valueLingerMs
    this.#use()
    this.#expire()
  }

  /** What a read found is told in a turn of its own: no listener ever runs inside `value()` (P4). */
  tellSoon(): void {
    this.#host.rounds.runSoon()
  }

  /** Somebody listens to a view; returns what to call when they stop. */
  listen<T>(view: View<T>, listener: Parameters<View<T>['onChange']>[0]): () => void {
    const unsubscribe = view.onChange(listener)
    this.#listening.add(view as View)
    return this.#untilStopped(() => {
      unsubscribe()
      if (view.changed.size === 0) this.#listening.delete(view as View)
    })
  }

  listenToStatus(listener: (status: RoomStatus) => void): () => void {
    return this.#untilStopped(this.statusChanged.add(listener))
  }

  #untilStopped(stop: () => void): () => void {
    this.#use()
    return () => {
      stop()
      this.#linger()
    }
  }

  // ── What the connection tells ──

  /** The server has said hello. */
  onConnected(): void {
    // A listener that heard of it first may have entered already.
    if (this.#entered === 'no' && this.#isUsed) this.#enter()
  }

  onLost(): void {
    // The next connection enters anew; until then there is nobody to ask.
    this.#cancelReenter()
    this.#entered = 'no'
    this.#number = null
    this.#outbox.onLost()
    this.#untoldSinceMs = null
    this.#setStatus(this.#replica.epoch === null ? 'loading' : 'stale')
    this.#trustLess()
  }

  /** Entries of others have deadlines now that had none. */
  #trustLess(): void {
    this.#display.lookAtDeadlines()
    this.#armExpiry()
  }

  onSnapshot(snapshot: SnapshotMessage): void {
    if (this.#entered === 'no') return
    const [, , number, epoch] = snapshot
    const isResync = this.#number !== null
    const isNewEpoch = this.#replica.epoch !== null && this.#replica.epoch !== epoch
    this.#number = number
    this.#entered = 'yes'
    this.#untoldSinceMs = null
    const touched = this.#replica.applySnapshot(snapshot)
    touched.set(this.#host.clientId, isNewEpoch ? 'restart' : 'lost')
    const isToPutAgain = this.#outbox.onSnapshot(this.#replica.get(this.#host.clientId), isNewEpoch, isResync)
    this.#changed(touched)
    this.#setStatus('live')
    // In a turn of its own, so that whoever draws the room has drawn it without me (R2). Timers may be slow in a hidden tab.
    if (isToPutAgain) this.#host.rounds.add(() => queueMicrotask(() => this.putTop()))
    this.#outbox.send()
    this.#linger()
  }

  onDelta(delta: DeltaMessage): void {
    if (this.#entered !== 'yes') return
    const touched = this.#replica.applyDelta(delta)
    if (!touched) return this.resync()
    const { clientId } = this.#host
    if (touched.has(clientId)) {
      const mine = this.#replica.get(clientId)
      const reason = touched.get(clientId)
      if (mine) this.#outbox.onTold(mine)
      else this.#outbox.onRemoved(reason === 'lost' || reason === 'expired')
      // I may not write here any more, so no track goes on.
      if (reason === 'refused') this.tracks.clear()
    }
    this.#changed(touched)
    this.#outbox.send()
    this.#linger()
  }

  /** Who I am has changed on the live connection: a room that I was not allowed to read is asked for again. */
  onLoggedIn(): void {
    if (this.#entered === 'refused' && this.#isBarred) this.#enter()
  }

  /** Something is missing: a snapshot repairs it (S2). */
  resync(): void {
    if (this.#entered === 'yes') this.#enter()
  }

  /** The server will not have this client, or is asked again. */
  onClientRefused(isRefused: boolean): void {
    this.#setStatus(isRefused ? 'refused' : this.#replica.epoch === null ? 'loading' : 'stale')
  }

  onTaken(n: number): void {
    this.#outbox.onTaken(n)
    this.#linger()
  }

  /** The server refused to let me in, or refused a put of mine, or the operator took my entry away. */
  onRefused(event: string, n: number | null, error: PresenceError): void {
    if (event === 'enter') return this.#onEnterRefused(error)
    const isKick = event === 'kick'
    // Also when a newer put is under way, which will be refused like this one.
    if (event === 'p' && n !== null && error.canRetry) this.#outbox.holdOff(n, retryDelayMs(error))
    if (!isKick && this.#outbox.intent?.n !== n) return
    if (isKick) this.#outbox.kicked()
    else {
      // A put that it had taken: the entry is gone, and nobody may tell me whom the room tells nothing.
      if (event === 'p' && this.#outbox.intent?.phase === 'confirmed') this.#replica.remove(this.#host.clientId)
      this.#outbox.fallBack(this.#replica.get(this.#host.clientId))
    }
    if (!error.canRetry) this.tracks.clear()
    else if (this.tracks.top) {
      this.#cancelRetry()
      this.#cancelRetry = this.#host.clock.after(retryDelayMs(error), () => this.putTop())
    }
    this.#changedMine(isKick ? 'kicked' : 'refused')
    this.#outbox.send()
    this.#linger()
  }

  #onEnterRefused(error: PresenceError): void {
    this.#entered = 'refused'
    this.#isBarred = error.code === 'not-allowed' && !error.canRetry
    // Nobody tells any more what becomes of the others. Whoever may not read sees none of them; who may soon, for as long
    // as their leases run.
    this.#untoldSinceMs ??= this.#host.now()
    if (error.canRetry) this.#trustLess()
    else this.#forgetAll('left', 'refused')
    this.#setStatus('refused')
    this.#cancelReenter()
    if (error.canRetry) this.#cancelReenter = this.#host.clock.after(retryDelayMs(error), () => this.#enter())
    // Who may not read may still be allowed to write.
    this.#outbox.send()
  }

  onPace(sendMs: number): void {
    this.#outbox.onPace(sendMs)
  }

  onUserChanged(): void {
    this.#changedMine('left')
  }

  onClockMoved(byMs: number): void {
    this.#outbox.onClockMoved(byMs)
    // By the better estimate an entry may be over that was not before, and the other way round.
    const touched: Touched = new Map([[this.#host.clientId, 'left']])
    for (const clientId of this.#replica.clientIds()) touched.set(clientId, 'left')
    this.#changed(touched)
    this.#linger()
  }

  /** The client is closed: my entry leaves, and nothing is known of the others any more. */
  onClosed(): void {
    this.tracks.clear()
    this.#outbox.forget()
    this.#entered = 'no'
    this.#number = null
    this.#forgetAll('left', 'lost')
    this.#replica = new Replica()
    this.#setStatus('loading')
    this.#cancelTimers()
    // Nobody would look again whether it is used.
    if (this.#listeners === 0) this.#host.forget(this)
  }

  /** What the server said of entries counts no more; a restart is still told from a return (R2). */
  #forgetAll(mine: LeftReason, others: LeftReason): void {
    const { epoch } = this.#replica
    this.#replica = new Replica()
    this.#replica.epoch = epoch
    const touched: Touched = new Map()
    for (const clientId of this.#display.shown.keys())
      touched.set(clientId, clientId === this.#host.clientId ? mine : others)
    this.#changed(touched)
  }

  // ── What is shown ──

  /** Of mine what I want, of the others what the server says. */
  candidate(clientId: number): Candidate | null {
    const entry = this.#replica.get(clientId)
    const intent = clientId === this.#host.clientId ? this.#outbox.intent : null
    if (intent?.kind === 'leave') return null
    // While the server has an entry of mine it knows since when, whatever my newest put adds to it (P5).
    if (intent) return { ...intent, user: this.#host.user, joinedAtMs: entry?.joinedAtMs ?? intent.joinedAtMs }
    return entry ? { ...entry, json: JSON.stringify(entry.data) } : null
  }

  #changedMine(reason: LeftReason): void {
    this.#changed(new Map([[this.#host.clientId, reason]]))
  }

  /** Brings what is shown up to date, queues what that has to tell, and looks to the next deadline. */
  #changed(touched: Touched): void {
    const changes = this.#display.reconcile(touched, this.#host.now())
    this.#endMine(changes)
    this.#armExpiry()
    if (changes.length === 0) return
    this.revision++
    for (const view of this.#listening) {
      const round = view.apply(changes)
      if (round) this.#host.rounds.add(round)
    }
  }

  /** Whoever finds that my timed lease has run out, a timer, a read or a message, that ends it. */
  #endMine(changes: readonly RawChange[]): void {
    if (this.#outbox.intent?.kind !== 'put') return
    const mine = changes.find(({ before }) => before?.clientId === this.#host.clientId)
    if (mine?.after || mine?.reason !== 'expired') return
    this.#outbox.ended()
    this.#outbox.send()
  }

  #setStatus(status: RoomStatus): void {
    if (this.#status === status) return
    this.#status = status
    this.#host.rounds.add(() => this.statusChanged.emit(status))
  }

  // ── Time ──

  /** Others' held entries end here only without a connection; with one, only the server's word removes them (P5). */
  deadlineAtMs(clientId: number, { heldTtlMs, expiresAtMs }: Lease): number {
    if (heldTtlMs === 0) return expiresAtMs
    if (clientId === this.#host.clientId) return never
    if (this.#untoldSinceMs !== null) return this.#untoldSinceMs + heldTtlMs
    return this.#host.isConnected ? never : this.#host.lastPacketAtMs() + heldTtlMs
  }

  /** Of a held entry, the last proof of life and its lease. */
  tellDeadline({ clientId, lease }: Shown): number {
    if (lease.heldTtlMs === 0) return lease.expiresAtMs
    const nowMs = this.#host.now()
    const fromPacketMs = this.#host.lastPacketAtMs() + lease.heldTtlMs
    if (this.#host.isConnected) return Math.max(nowMs, fromPacketMs)
    return clientId === this.#host.clientId ? nowMs + lease.heldTtlMs : fromPacketMs
  }

  /** Removes what has run out, and queues what that has to tell. */
  #expire(): void {
    const over = this.#display.overdue(this.#host.now())
    if (over.size === 0) return
    this.#changed(over)
    this.#linger()
  }

  #armExpiry(): void {
    this.#cancelExpiry()
    if (this.#display.nextDeadlineMs === never) return
    // Expired is "after the deadline", and the clock counts whole milliseconds.
    this.#cancelExpiry = this.#host.clock.after(this.#display.nextDeadlineMs + 1 - this.#host.now(), () => {
      this.#expire()
      this.#armExpiry()
      this.#host.rounds.run()
    })
  }

  // ── Entering and exiting ──

  get #ref(): RoomRef | null {
    return this.#entered === 'yes' || this.#entered === 'refused' ? (this.#number ?? this.key) : null
  }

  get #listeners(): number {
    let count = this.statusChanged.size
    for (const view of this.#listening) count += view.changed.size
    return count
  }

  /** A listener, an entry of mine, or something of mine that the server has to hear. */
  get #isNeeded(): boolean {
    const intent = this.#outbox.intent
    return (
      this.#listeners > 0 ||
      this.tracks.size > 0 ||
      intent?.kind === 'put' ||
      (intent !== null && intent.phase !== 'confirmed')
    )
  }

  get #isUsed(): boolean {
    return this.#isNeeded || this.#host.clock.monotonicMs() < this.#keptUntilMs
  }

  #use(): void {
    if (this.#entered === 'no' && this.#host.isConnected) this.#enter()
    this.#host.use()
    this.#linger()
  }

  #enter(): void {
    this.#entered = 'asked'
    this.#host.send(['enter', this.key])
  }

  /** When nobody needs the room any more: looks again in a while, and exits if that is still so. */
  #linger(): void {
    if (this.#isNeeded || this.#cancelLinger) return
    const delayMs = Math.max(lingerMs, this.#keptUntilMs - this.#host.clock.monotonicMs())
    this.#cancelLinger = this.#host.clock.after(delayMs, () => {
      this.#cancelLinger = null
      if (this.#isUsed) this.#linger()
      else this.#exit()
    })
  }

  #exit(): void {
    if (this.#entered !== 'no' && this.#host.isConnected) this.#host.send(['exit', this.key])
    this.#cancelTimers()
    this.#host.forget(this)
  }

  #cancelTimers(): void {
    this.#cancelExpiry()
    this.#cancelRetry()
    this.#cancelReenter()
    this.#cancelLinger?.()
    this.#cancelLinger = null
    this.#outbox.cancel()
  }

  inspect(): RoomReport {
    const intent = this.#outbox.intent
    return {
      key: this.key,
      status: this.#status,
      epoch: this.#replica.epoch,
      version: this.#replica.version,
      listeners: this.#listeners,
      tracks: this.tracks.size,
      outbox: !intent || intent.phase === 'confirmed' ? null : { kind: intent.kind, n: intent.n, phase: intent.phase },
      entries: [...this.#display.shown.values()].map(({ clientId, lease, entry }) => ({
        clientId,
        expiresAtMs: entry.expiresAtMs,
        held: lease.heldTtlMs > 0,
      })),
    }
  }
}

/** The put that a track wants to show. */
export function callOf(track: TrackState): PutCall {
  return { ...track, isHeld: true }
}
