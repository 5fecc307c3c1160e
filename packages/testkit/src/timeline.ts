import type { DeviceClock } from './device-clock.ts'

/** What has something to do at moments of true time. */
export interface Timed {
  dueAtMs(): number
  /** Does what is due; returns whether anything was. */
  runDue(): boolean
}

// Nobody honest does so much at one moment.
const stepsAtOnceMax = 20_000

/** True time, which no machine knows: it moves every clock and delivers what is under way, moment by moment. */
export class Timeline {
  #nowMs = 0
  readonly #clocks = new Set<DeviceClock>()
  readonly #timed = new Set<Timed>()
  readonly #microtasks: () => Promise<void>
  readonly #random: () => number

  /** `microtasks` resolves once all promises of the present turn have. `random` decides who is first at one moment. */
  constructor(microtasks: () => Promise<void>, random: () => number) {
    this.#microtasks = microtasks
    this.#random = random
  }

  get nowMs(): number {
    return this.#nowMs
  }

  /** Returns how to take the clock away again: then its machine is off. */
  addClock(clock: DeviceClock): () => void {
    this.#clocks.add(clock)
    return () => void this.#clocks.delete(clock)
  }

  add(timed: Timed): void {
    this.#timed.add(timed)
  }

  /** Lets time go on. With 0, does what is due now. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    for (let stepsAtOnce = 0; ;) {
      await this.#microtasks()
      if (this.#runDue()) {
        if (++stepsAtOnce > stepsAtOnceMax) throw new Error('Something runs in circles without time going by.')
        continue
      }
      const nextMs = this.#nextMs()
      if (nextMs > endMs) break
      stepsAtOnce = 0
      this.#move(nextMs)
    }
    this.#move(endMs)
  }

  #runDue(): boolean {
    let hasRun = false
    const clocksFirst = this.#random() < 0.5
    if (clocksFirst) for (const clock of this.#clocks) hasRun = clock.runDue() || hasRun
    for (const timed of this.#timed) hasRun = timed.runDue() || hasRun
    if (!clocksFirst) for (const clock of this.#clocks) hasRun = clock.runDue() || hasRun
    return hasRun
  }

  #nextMs(): number {
    let nextMs = Number.POSITIVE_INFINITY
    for (const clock of this.#clocks) nextMs = Math.min(nextMs, this.#nowMs + clock.dueInMs())
    for (const timed of this.#timed) nextMs = Math.min(nextMs, timed.dueAtMs())
    return nextMs
  }

  #move(toMs: number): void {
    const passedMs = toMs - this.#nowMs
    this.#nowMs = toMs
    if (passedMs > 0) for (const clock of this.#clocks) clock.pass(passedMs)
  }
}
