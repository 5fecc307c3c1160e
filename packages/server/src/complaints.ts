import { PresenceError } from '@app/protocol'

/** Hears out everything that is wrong, so that an operator need not find one mistake after the other. */
export class Complaints {
  readonly #sentences: string[] = []
  #cause: unknown

  add(sentence: string): void {
    this.#sentences.push(sentence)
  }

  /** What it reads; what it throws as `bad-options` is kept for the end, and what is returned until then is undefined. */
  hear<Value>(read: () => Value): Value {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof PresenceError) || error.code !== 'bad-options') throw error
      this.#cause ??= error
      this.add(error.message)
      return undefined as Value
    }
  }

  /** Throws one `bad-options` with a line for each complaint, if there are any. */
  end(): void {
    if (this.#sentences.length > 0)
      throw new PresenceError('bad-options', this.#sentences.join('\n'), { cause: this.#cause })
  }
}
