import type { Logger } from './logger.ts'

/** Calls a store, one call after the other, and says once what fails, not with every call. */
export class StoreCalls {
  readonly #logger: Logger
  #underWay: Promise<unknown> | undefined
  #isFailing = false

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** What the store has not answered yet; undefined while it may be called. Never rejects. */
  get underWay(): Promise<unknown> | undefined {
    return this.#underWay
  }

  /**
   * Calls `answered` with whether the store took it: before this returns if the store answers at once, later if it gives
   * a promise. What is returned says the same.
   */
  call(write: () => void | Promise<void>, answered: (isTaken: boolean) => void): boolean | Promise<boolean> {
    const end = (isTaken: boolean): boolean => {
      this.#underWay = undefined
      answered(isTaken)
      return isTaken
    }
    let answer: void | Promise<void>
    try {
      answer = write()
    } catch (err) {
      return end(this.#failed(err))
    }
    if (!isPromise(answer)) return end(this.#worked())
    const underWay = answer.then(
      () => end(this.#worked()),
      (err: unknown) => end(this.#failed(err)),
    )
    this.#underWay = underWay
    return underWay
  }

  #failed(err: unknown): false {
    if (!this.#isFailing) {
      this.#logger.error({ err }, 'The store cannot be written. Presence goes on from memory; writing is tried again.')
    }
    this.#isFailing = true
    return false
  }

  #worked(): true {
    if (this.#isFailing) this.#logger.info({}, 'The store can be written again.')
    this.#isFailing = false
    return true
  }
}

/** A store of somebody's own may answer with anything that can be waited for, or with a value that means nothing. */
export function isPromise<Value>(answer: Value | Promise<Value>): answer is Promise<Value> {
  return typeof (answer as Partial<Promise<Value>> | null | undefined)?.then === 'function'
}
