import { parseUser, PresenceError, reasonOf, type PresenceUser } from '@app/protocol'
import type { NewCredentials, TokenSource } from './presence.ts'

/** Who the application says I am, and the questions about it that the server has not answered yet. */
export class Credentials {
  #token: TokenSource | undefined
  #user: PresenceUser | undefined
  #version = 0
  #lastId = 0
  readonly #asked = new Map<number, { resolve(): void; reject(error: PresenceError): void }>()

  /** Throws `bad-user` and `bad-options`. */
  constructor(token: TokenSource | undefined, user: PresenceUser | undefined) {
    checkToken(token)
    this.#token = token
    this.#user = user && parseUser(user)
  }

  get user(): PresenceUser | undefined {
    return this.#user
  }

  /** Counts the changes, so that a hello can be told from one that was asked for with older credentials. */
  get version(): number {
    return this.#version
  }

  /** Whether there is somebody to ask for a new token. */
  get canRenew(): boolean {
    return typeof this.#token === 'function'
  }

  /** A field that is not named stays; null takes it away. Throws `bad-user`. */
  change({ token, user }: NewCredentials): void {
    checkToken(token)
    if (user !== undefined) this.#user = user === null ? undefined : parseUser(user)
    if (token !== undefined) this.#token = token ?? undefined
    this.#version++
  }

  /** Gets the token anew; rejects with `token-failed` when the application's function does. */
  async token(): Promise<string | undefined> {
    if (typeof this.#token !== 'function') return this.#token
    let token: unknown
    try {
      token = await this.#token()
    } catch (cause) {
      throw new PresenceError('token-failed', `The token function failed: ${reasonOf(cause)}. It is asked again.`, {
        canRetry: true,
        cause,
      })
    }
    // Nothing is a log-out.
    if (token === undefined || token === null || typeof token === 'string') return token ?? undefined
    throw new PresenceError('token-failed', `The token function returned ${describe(token)}; wanted: a string.`)
  }

  /** Asks the server something under a new id; resolves or rejects with its answer. */
  ask(send: (id: number) => void): Promise<void> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      send(id)
    })
  }

  /** Returns whether somebody waited for the answer, who is told by it. */
  answer(id: number, error: PresenceError | null): boolean {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    if (error) asked?.reject(error)
    else asked?.resolve()
    return asked !== undefined
  }

  /** The connection was lost: the next one says hello with what is known now. */
  abandon(): void {
    for (const asked of this.#asked.values()) asked.resolve()
    this.#asked.clear()
  }
}

function checkToken(token: unknown): void {
  if (token === undefined || token === null || typeof token === 'string' || typeof token === 'function') return
  throw new PresenceError(
    'bad-options',
    `token is ${describe(token)}; wanted: a string, or a function that returns one.`,
  )
}

/** Not the value: it may be a secret. */
function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`
  return `an object with ${Object.keys(value).slice(0, 3).join(', ') || 'nothing'}`
}
