import type { EncodedData, RoomRef } from '@app/protocol'
import { clockMoved, disconnected, isHeld, taken, ttlToSend, type Intent, type PutIntent } from './intent.ts'
import type { RoomHost } from './room-host.ts'
import type { ServerEntry } from './replica.ts'

/** A put as the application asked for it, checked. */
export interface PutCall {
  readonly encoded: EncodedData
  readonly input: unknown
  readonly ttlMs: number
  readonly isHeld: boolean
}

/**
 * The newest intent of one room, until the server has it: the only queue there is (P7). It sends at once, then at
 * most once per pace; the last one is never lost; a leave never waits.
 */
export class Outbox {
  readonly #host: RoomHost
  /** The room's number or key, once the server has answered that it is entered; null before. */
  readonly #ref: () => RoomRef | null
  #intent: Intent | null = null
  #serverMayHoldMine = false
  #paceMs: number | null = null
  #lastSentMs = -Infinity
  /** The put that was refused last for now, and until when none is sent. */
  #refused = { n: 0, untilMs: -Infinity }
  #cancelTimer = () => {}

  constructor(host: RoomHost, ref: () => RoomRef | null) {
    this.#host = host
    this.#ref = ref
  }

  get intent(): Intent | null {
    return this.#intent
  }

  /** A new put, unless a held entry says the same already. The caller sends. */
  put({ encoded: { json, data }, input, ttlMs, isHeld: holds }: PutCall, shownSinceMs: number | null): void {
    const nowMs = this.#host.now()
    const heldTtlMs = holds ? Math.max(ttlMs, this.#host.limits.heldTtlMinMs) : 0
    const before = this.#intent
    if (holds && before?.kind === 'put' && before.json === json && before.lease.heldTtlMs === heldTtlMs) {
      this.#intent = { ...before, input }
      return
    }
    this.#intent = {
      kind: 'put',
      n: this.#host.nextPutNumber(),
      phase: 'waiting',
      json,
      data,
      input,
      lease: { heldTtlMs, expiresAtMs: holds ? 0 : nowMs + ttlMs },
      ttlMs,
      joinedAtMs: shownSinceMs ?? nowMs,
      wasOffline: !this.#host.isConnected,
    }
  }

  /** I want no entry; the server is told if it may have one. */
  leave(): void {
    if (this.#intent?.kind === 'leave') return
    this.#intent = {
      kind: 'leave',
      n: this.#host.nextPutNumber(),
      phase: this.#serverMayHoldMine ? 'waiting' : 'confirmed',
    }
  }

  /** My timed lease has run out: the server ends it by itself, unless it has only an older one. The caller sends. */
  ended(): void {
    if (this.#intent?.phase === 'confirmed') this.#intent = { kind: 'leave', n: this.#intent.n, phase: 'confirmed' }
    else this.leave()
  }

  /**
   * The operator took my entry away, so I want none until the next call: also when the connection is lost before the room
   * tells that it is gone. A put that is under way would bring it back, so a leave follows it. The caller sends.
   */
  kicked(): void {
    const intent = this.#intent
    if (intent?.kind === 'put' && intent.phase !== 'confirmed') this.leave()
    else this.#intent = { kind: 'leave', n: intent?.n ?? this.#host.nextPutNumber(), phase: 'confirmed' }
  }

  /** The server refused put `n` for now: whatever is wanted meanwhile, only the newest is sent, and then. */
  holdOff(n: number, delayMs: number): void {
    this.#refused = { n, untilMs: this.#host.clock.monotonicMs() + delayMs }
  }

  /** The server refused: back to what it last confirmed. */
  fallBack(mine: ServerEntry | undefined): void {
    this.#intent = mine ? confirmedPut(mine) : null
  }

  forget(): void {
    this.cancel()
    this.#intent = null
    this.#serverMayHoldMine = false
  }

  onLost(): void {
    this.cancel()
    this.#paceMs = null
    // The next connection owes nothing to the pace of this one: a held entry announces itself at once.
    this.#lastSentMs = -Infinity
    this.holdOff(0, 0)
    if (this.#intent) this.#intent = disconnected(this.#intent)
  }

  onClockMoved(byMs: number): void {
    if (this.#intent) this.#intent = clockMoved(this.#intent, byMs)
  }

  onPace(sendMs: number): void {
    this.#paceMs = sendMs
    this.send()
  }

  /** The server has taken every put and leave up to `n`. */
  onTaken(n: number): void {
    if (!this.#intent) return
    this.#intent = taken(this.#intent, n)
    if (this.#intent.kind === 'leave' && this.#intent.phase === 'confirmed') this.#serverMayHoldMine = false
  }

  /** The server told my entry: its stamps replace my estimates (P5), unless they are of an older call of mine (P1). */
  onTold(mine: ServerEntry): void {
    this.#serverMayHoldMine = true
    if (mine.n > this.#refused.n) this.holdOff(0, 0)
    this.onTaken(mine.n)
    const intent = this.#intent
    if (intent?.kind !== 'put' || intent.n !== mine.n) return
    const lease = isHeld(intent)
      ? { heldTtlMs: mine.lease.heldTtlMs || intent.lease.heldTtlMs, expiresAtMs: 0 }
      : mine.lease
    this.#intent = { ...intent, phase: 'confirmed', lease, joinedAtMs: mine.joinedAtMs }
  }

  /** The server removed my entry. One that is held and only thought lost is put again: here I am (L2). */
  onRemoved(isOnlyLost: boolean): void {
    const intent = this.#intent
    if (intent?.kind !== 'put' || intent.phase !== 'confirmed') return
    this.#serverMayHoldMine = false
    this.#intent = isOnlyLost && isHeld(intent) ? this.#again(intent) : null
  }

  /**
   * Settles what a snapshot says of my entry; a resync is one more on the same connection. Returns whether a held
   * entry is to be put again, once it has gone.
   */
  onSnapshot(mine: ServerEntry | undefined, isNewEpoch: boolean, isResync: boolean): boolean {
    const intent = this.#intent
    this.#serverMayHoldMine = mine !== undefined
    if (!intent) return false
    if (intent.kind === 'leave') {
      this.#intent = mine
        ? { ...intent, n: this.#host.nextPutNumber(), phase: 'waiting' }
        : { ...intent, phase: 'confirmed' }
      return false
    }
    if (isHeld(intent) && !(isResync && mine)) {
      // In a new epoch my entry counts as gone like any other, and is put only then (R2); else nobody notices (R4).
      const isGone = isNewEpoch && !mine
      this.#intent = isGone ? null : this.#again(intent)
      return isGone
    }
    // A server that crashed may have forgotten my newest put and still have one before it (R3).
    if (mine && mine.n < intent.n && intent.phase === 'confirmed')
      this.#intent = { ...intent, phase: 'waiting', wasOffline: true }
    else if (mine) this.onTold(mine)
    else if (intent.phase === 'confirmed') this.#intent = null
    return false
  }

  /** Sends the intent if it waits and its time has come; otherwise sees to it that it will. */
  send(): void {
    this.cancel()
    const [intent, ref] = [this.#intent, this.#ref()]
    if (intent?.phase !== 'waiting' || ref === null || !this.#host.isConnected) return
    if (intent.kind === 'leave') {
      this.#intent = { ...intent, phase: 'sent' }
      this.#host.send(['l', ref, intent.n])
      return
    }
    const dueMs = Math.max(this.#lastSentMs + (this.#paceMs ?? this.#host.limits.sendMs), this.#refused.untilMs)
    const waitMs = dueMs - this.#host.clock.monotonicMs()
    if (waitMs > 0) {
      // As without a connection, its lease runs while it has to wait.
      if (this.#host.clock.monotonicMs() < this.#refused.untilMs) this.#intent = { ...intent, wasOffline: true }
      this.#cancelTimer = this.#host.clock.after(waitMs, () => this.send())
    } else this.#sendPut(intent, ref)
  }

  cancel(): void {
    this.#cancelTimer()
  }

  #sendPut(intent: PutIntent, ref: RoomRef): void {
    const ttlMs = ttlToSend(intent, this.#host.now())
    if (ttlMs < 1) return
    this.#lastSentMs = this.#host.clock.monotonicMs()
    this.#serverMayHoldMine = true
    this.#intent = { ...intent, phase: 'sent' }
    this.#host.send(['p', [[ref, intent.n, ttlMs, isHeld(intent) ? 1 : 0, intent.data]]])
  }

  #again(intent: PutIntent): PutIntent {
    return { ...intent, n: this.#host.nextPutNumber(), phase: 'waiting' }
  }
}

function confirmedPut(mine: ServerEntry): PutIntent {
  const { data, lease } = mine
  const [json, ttlMs] = [JSON.stringify(data), lease.heldTtlMs]
  return { ...mine, kind: 'put', phase: 'confirmed', json, input: data, ttlMs, wasOffline: false }
}
