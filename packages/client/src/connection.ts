import {
  PresenceError,
  type Channel,
  type ChannelEvents,
  type Clock,
  type Handshake,
  type Message,
} from '@app/protocol'
import { defaultWindowMs, reconnectDelayMs } from './backoff.ts'
import { next, type Connection as State, type ConnectionEvent } from './connection-machine.ts'
import type { Verdict } from './verdict.ts'

/** What an attempt to connect tells: a channel's life, or that the server will not have this client. */
export interface AttemptEvents extends ChannelEvents {
  onRefused(error: PresenceError): void
}

/** Opens a channel to the server. Socket.IO is one way; a test has another. */
export type Connect = (handshake: Handshake, events: AttemptEvents) => Channel

/** What a connection needs of its client. */
export interface ConnectionHost {
  readonly clock: Clock
  /** A number in [0, 1). */
  readonly random: () => number
  readonly connect: Connect
  /** Asked anew for every attempt: tokens end. */
  handshake(): Promise<Handshake>
  onMessage(message: Message): void
  onPacket(): void
  /** The state has changed; `before` is the one it had. */
  onState(before: State): void
  /** An attempt failed, or the server has ended the connection and said why; returns what follows. */
  onFailure(error: PresenceError): Verdict
  /** Asks the server for an answer; returns its number, for `answered`. */
  probe(): number
}

// A server that does not answer for so long is as good as none.
const openTimeoutMs = 10_000
// A connection that does not answer for so long after the page was woken is dead, whatever the socket says.
const probeTimeoutMs = 5_000
// A timer that comes so late tells of this machine, not of the server.
const lateTimerMs = 1_000
// An attempt that has taken longer when the network is back was probably begun on the old one.
const slowAttemptMs = 2_000

/** Carries out what the machine says: opens channels, waits, tries again. Decides nothing itself. */
export class Connection {
  readonly #host: ConnectionHost
  #state: State = { status: 'idle' }
  #channel: Channel | null = null
  #windowMs = defaultWindowMs
  /** Whatever an earlier attempt still says is not heard. */
  #attempt = 0
  #isWaiting = false
  #openedAtMs = 0
  /** The number of the question that a probe waits for; null without one. */
  #probed: number | null = null
  #lastAnswered = 0
  /** The server asked to be left alone until then. */
  #notBeforeAtMs = 0
  /** When the wait ends. */
  #opensAtMs = 0
  #cancelTimer = () => {}

  constructor(host: ConnectionHost) {
    this.#host = host
  }

  get state(): State {
    return this.#state
  }

  /** How long until the next attempt, in ms; null while none waits. */
  get retryInMs(): number | null {
    return this.#isWaiting ? Math.max(0, this.#opensAtMs - this.#host.clock.monotonicMs()) : null
  }

  /** Asked for while an attempt waits, it is made now, or as soon as the server allows. */
  connect(): void {
    if (this.#isWaiting) this.#openAfter(0)
    else this.#dispatch({ type: 'connect' })
  }

  /** The server has said hello, and named the window in which to come back. */
  greeted(windowMs: number): void {
    this.#windowMs = windowMs
    this.#cancelTimer()
    this.#dispatch({ type: 'hello' })
  }

  /** The server names another window before it stops. */
  comeBackWithin(windowMs: number): void {
    this.#windowMs = windowMs
  }

  /** The server has said why it ends the connection. */
  ended(error: PresenceError): void {
    this.#fail(error)
  }

  send(message: Message): void {
    this.#channel?.send(message)
  }

  close(): void {
    this.#dispatch({ type: 'close' })
  }

  /** The page goes: the connection ends now, and comes back only with the page. */
  suspend(): void {
    this.#drop()
    this.#dispatch({ type: 'lost' })
    this.#cancelTimer()
    this.#isWaiting = false
  }

  /** The page is back: connect anew, whatever the old socket says. */
  resume(): void {
    if (this.#state.status === 'connected') this.suspend()
    if (this.#state.status !== 'connecting' && this.#state.status !== 'reconnecting') return
    if (this.#host.clock.monotonicMs() < this.#notBeforeAtMs) this.#openAfter(0)
    else this.#open()
  }

  /**
   * A good moment to try (the network is back, the page is seen or runs again). A wait begins anew, from its first window;
   * so does a slow attempt. A connection shows that it is alive, or is lost: a machine that slept may hold a dead one.
   */
  hint(): void {
    if (this.#state.status === 'connected') return this.#probe()
    const isSlow = this.#channel !== null && this.#host.clock.monotonicMs() - this.#openedAtMs > slowAttemptMs
    if (!this.#isWaiting && !isSlow) return
    const delayMs = reconnectDelayMs(0, this.#windowMs, this.#host.random())
    // A hint brings the attempt nearer, or changes nothing.
    if (this.#isWaiting && this.#opensAtMs - this.#host.clock.monotonicMs() <= delayMs) return
    this.#drop()
    this.#openAfter(delayMs)
  }

  /** An answer has come: whatever was sent before it has arrived. */
  answered(question: number): void {
    this.#lastAnswered = question
    if (this.#probed === null || question < this.#probed) return
    this.#probed = null
    this.#cancelTimer()
  }

  #probe(): void {
    // One that is under way will tell.
    if (this.#probed !== null) return
    const { clock } = this.#host
    const dueAtMs = clock.monotonicMs() + probeTimeoutMs
    const question = this.#host.probe()
    if (question <= this.#lastAnswered) return
    this.#probed = question
    this.#cancelTimer = clock.after(probeTimeoutMs, () => {
      this.#probed = null
      // The page stood still meanwhile: the answer may be here and not read yet.
      if (clock.monotonicMs() - dueAtMs > lateTimerMs) this.#probe()
      else this.#fail(null)
    })
  }

  #dispatch(event: ConnectionEvent): void {
    const before = this.#state
    this.#state = next(before, event)
    if (this.#state === before) return
    const { status } = this.#state
    if (status === 'closed' || status === 'refused') this.#drop()
    else if (event.type === 'connect' || (event.type === 'lost' && event.isAtOnce)) this.#open()
    else if (event.type === 'lost') this.#openLater()
    this.#host.onState(before)
  }

  #openLater(): void {
    if ('attempt' in this.#state)
      this.#openAfter(reconnectDelayMs(this.#state.attempt, this.#windowMs, this.#host.random()))
  }

  #openAfter(delayMs: number): void {
    this.#cancelTimer()
    this.#isWaiting = true
    const nowMs = this.#host.clock.monotonicMs()
    this.#opensAtMs = Math.max(nowMs + delayMs, this.#notBeforeAtMs)
    this.#cancelTimer = this.#host.clock.after(this.#opensAtMs - nowMs, () => this.#open())
  }

  #open(): void {
    this.#drop()
    this.#openedAtMs = this.#host.clock.monotonicMs()
    const attempt = this.#attempt
    const isCurrent = () => attempt === this.#attempt
    this.#cancelTimer = this.#host.clock.after(openTimeoutMs, () =>
      this.#fail(
        new PresenceError('timeout', `The server did not answer within ${openTimeoutMs / 1_000} s.`, {
          canRetry: true,
        }),
      ),
    )
    this.#host.handshake().then(
      (handshake) => {
        if (!isCurrent()) return
        try {
          this.#channel = this.#attach(handshake, isCurrent)
        } catch (error) {
          // There is no address to go to: whoever waits hears why.
          this.#fail(error as PresenceError)
        }
      },
      (error: unknown) => {
        if (isCurrent()) this.#fail(error as PresenceError)
      },
    )
  }

  #attach(handshake: Handshake, isCurrent: () => boolean): Channel {
    return this.#host.connect(handshake, {
      onMessage: (message) => {
        if (isCurrent()) this.#host.onMessage(message)
      },
      onPacket: () => {
        if (isCurrent()) this.#host.onPacket()
      },
      onClose: () => {
        if (isCurrent()) this.#fail(null)
      },
      onRefused: (error) => {
        if (isCurrent()) this.#fail(error)
      },
    })
  }

  /** The attempt failed or the connection ended; null when nobody said why. */
  #fail(error: PresenceError | null): void {
    this.#drop()
    const verdict: Verdict = error ? this.#host.onFailure(error) : { type: 'later' }
    if (verdict.type === 'refuse') return this.#dispatch(verdict)
    if (verdict.type === 'at-once') return this.#dispatch({ type: 'lost', isAtOnce: true })
    if (verdict.afterMs !== undefined) this.#notBeforeAtMs = this.#host.clock.monotonicMs() + verdict.afterMs
    this.#dispatch({ type: 'lost' })
  }

  #drop(): void {
    this.#attempt++
    this.#isWaiting = false
    this.#probed = null
    this.#cancelTimer()
    const channel = this.#channel
    this.#channel = null
    channel?.close()
  }
}
