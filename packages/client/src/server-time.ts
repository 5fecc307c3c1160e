import type { Clock } from '@app/protocol'

// More than a slow network explains.
const farOffMs = 1_000
// By so much the server may lead its clock back to the system's.
const slewPerMs = 1 / 1_000

/**
 * The server's clock, estimated. It is carried on by the monotonic clock, so that a wrong or jumping system clock
 * changes nothing (C1). Of the answers on one connection, the one that came quickest knows best, for a while.
 */
export class ServerTime {
  readonly #clock: Clock
  #offsetMs: number
  #bestRoundTripMs = Infinity
  #hasLearnt = false
  #learntAtMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
    // Until the server has spoken, the system's clock is the best guess.
    this.#offsetMs = clock.wallMs() - clock.monotonicMs()
  }

  /** The server's time now, in whole ms. */
  now(): number {
    return this.at(this.#clock.monotonicMs())
  }

  /** The server's time at a moment of the monotonic clock, in whole ms: the same for one moment whenever it is asked. */
  at(monotonicMs: number): number {
    return Math.floor(monotonicMs + this.#offsetMs)
  }

  /**
   * Takes the stamp of a greeting, which is late by the way it took: good enough to begin with, and to notice that an
   * estimate from an earlier connection is far off. Returns by how much the estimate moved, in whole ms.
   */
  greet(serverMs: number): number {
    this.#bestRoundTripMs = Infinity
    const isGoodEnough = this.#hasLearnt && Math.abs(serverMs - this.now()) < farOffMs
    return isGoodEnough ? 0 : this.#moveTo(serverMs)
  }

  /**
   * Takes a stamp that arrived `roundTripMs` after it was asked for, if it is better than the estimate by now, or if
   * nothing explains how far that is off: this machine slept. Returns by how much the estimate moved, in whole ms.
   */
  learn(serverMs: number, roundTripMs: number): number {
    const monotonicMs = this.#clock.monotonicMs()
    const stampMs = serverMs + roundTripMs / 2
    const doubtMs = this.#bestRoundTripMs / 2 + (monotonicMs - this.#learntAtMs) * slewPerMs
    const offMs = Math.abs(stampMs - monotonicMs - this.#offsetMs)
    // A stamp is in whole milliseconds.
    const isExplained = offMs <= doubtMs + roundTripMs / 2 + 1
    if (isExplained && roundTripMs / 2 >= doubtMs) return 0
    this.#bestRoundTripMs = roundTripMs
    this.#learntAtMs = monotonicMs
    return this.#moveTo(stampMs)
  }

  #moveTo(serverMs: number): number {
    const beforeMs = this.now()
    this.#offsetMs = serverMs - this.#clock.monotonicMs()
    this.#hasLearnt = true
    return this.now() - beforeMs
  }
}
