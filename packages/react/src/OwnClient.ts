import { createPresenceClient, PresenceError } from '@app/client'
import type { PresenceClient, PresenceClientOptions, TokenSource } from '@app/client'
import { hold } from './hold.ts'

/** A client that a provider makes and closes. Making one has no effect, so it may happen during render. */
export class OwnClient {
  readonly url: string | undefined
  readonly client: PresenceClient
  /** Keeps the client open until what this returns is called; the last one to let go closes it. */
  readonly take: () => () => void
  #token: TokenSource | undefined
  #userText: string | undefined

  constructor({ url, token, user, autoConnect }: PresenceClientOptions) {
    this.url = url
    this.#token = token
    this.#userText = JSON.stringify(user)
    this.client = createPresenceClient({ url, token: this.#source(token), user, autoConnect })
    this.take = hold(() => this.client.close())
  }

  /** Logs in or out when token or user are others than before; `onBadUser` hears of a user that cannot be one. */
  follow({ token, user }: PresenceClientOptions, onBadUser: (error: PresenceError) => void): void {
    const isNewToken = typeof token === 'function' ? typeof this.#token !== 'function' : token !== this.#token
    const userText = JSON.stringify(user)
    const isNewUser = userText !== this.#userText
    this.#token = token
    this.#userText = userText
    if (!isNewToken && !isNewUser) return
    this.client
      .reauthenticate({
        ...(isNewToken && { token: this.#source(token) ?? null }),
        ...(isNewUser && { user: user ?? null }),
      })
      // Whatever else fails, the client's onError has told.
      .catch((error: unknown) => {
        if (error instanceof PresenceError && error.code === 'bad-user') onBadUser(error)
      })
  }

  /** A token function is another one at every render and means the same: the client's one asks the latest. */
  #source(token: TokenSource | undefined): TokenSource | undefined {
    if (typeof token !== 'function') return token
    return () => (typeof this.#token === 'function' ? this.#token() : token())
  }
}
