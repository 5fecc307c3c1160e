import type { Logger } from './logger.ts'

/** Calls that fail and work by themselves: a disk that is full may still take what needs no more room. */
export type CallKind = 'changes' | 'seen'

/** Calls a store, one call after the other, and says once what fails, not with every call. */
export class StoreCalls {
  readonly #logger: Logger
  #underWay: Promise<unknown> | undefined
  readonly #failing = new Set<CallKind>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** What the store has not answered yet; undefined while it may be called. Never rejects. */
  get underWay(): Promise<unknown> | undefined {
    return this.#underWay
  }

  get isFailing(): boolean {
    return this.#failing.size > 0
  }

  /**
   * Calls `answered` with whether the store took it: before this returns if the store answers at once, later if it gives
   * a promise. What is returned says the same.
   */
  call(
    kind: CallKind,
    write: () => void | Promise<void>,
    answered: (isTaken: boolean) => void,
  ): boolean | Promise<boolean> {
    const end = (isTaken: boolean): boolean => {
      this.#underWay = undefined
      answered(isTaken)
      return isTaken
    }
    let answer: void | Promise<void>
    try {
      answer = write()
    } catch (err) {
      return end(this.#failed(kind, err))
    }
    if (!isPromise(answer)) return end(this.#worked(kind))
    const underWay = answer.then(
      () => end(this.#worked(kind)),
      (err: unknown) => end(this.#failed(kind, err)),
    )
    this.#underWay = underWay
    return underWay
  }

  #failed(kind: CallKind, err: unknown): false {
    if (this.#failing.size === 0) {
      this.#logger.error({ err }, 'The store cannot be written. Presence goes on from memory; writing is tried again.')
    }
    this.#failing.add(kind)
    return false
  }

  #worked(kind: CallKind): true {
    if (this.#failing.delete(kind) && this.#failing.size === 0) this.#logger.info({}, 'The store can be written again.')
    return true
  }
}

/** A store of somebody's own may answer with anything that can be waited for, or with a value that means nothing. */
export function isPromise<Value>(answer: Value | Promise<Value>): answer is Promise<Value> {
  return typeof (answer as Partial<Promise<Value>> | null | undefined)?.then === 'function'
}
