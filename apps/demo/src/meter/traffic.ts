/** What has gone over one socket, both ways. */
export interface Traffic {
  readonly messages: number
  /** Of text, in UTF-8, without the few bytes that frame it. */
  readonly bytes: number
}

const utf8 = new TextEncoder()
const sockets = new Set<CountedSocket>()

/**
 * The client tells nobody how much it sends, and a page may not look into its own sockets: so they are counted where they are
 * made. Socket.IO takes the constructor when it is loaded, so this module has to run before it.
 */
class CountedSocket extends WebSocket {
  messages = 0
  bytes = 0
  /** The first thing said: who the client is. */
  hello = ''

  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols)
    sockets.add(this)
    this.addEventListener('message', ({ data }) => this.#count(data))
    this.addEventListener('close', () => sockets.delete(this))
  }

  override send(data: Parameters<WebSocket['send']>[0]): void {
    if (this.hello === '' && typeof data === 'string') this.hello = data
    this.#count(data)
    super.send(data)
  }

  #count(data: unknown): void {
    this.messages++
    // What the kit sends is text.
    if (typeof data === 'string') this.bytes += utf8.encode(data).length
  }
}

globalThis.WebSocket = CountedSocket

/** The traffic of one client of the page: simulated visitors have sockets of their own here, and are not this tab. */
export function trafficOf(clientId: number): Traffic | null {
  const own = [...sockets].filter(({ hello }) => hello.includes(`"clientId":${clientId},`))
  return own.at(-1) ?? null
}
