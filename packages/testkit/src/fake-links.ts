import type { ChannelEvents, Message } from '@app/protocol'

/** The server's end of a connection without a network: what the server sends lies there until a test takes it. */
export class FakeLink {
  readonly groups = new Set<string>()
  isClosed = false
  #received: Message[] = []

  send(message: Message): void {
    // As it would arrive: whatever happens to the server's data later.
    if (!this.isClosed) this.#received.push(JSON.parse(JSON.stringify(message)) as Message)
  }

  close(): void {
    this.isClosed = true
  }

  join(group: string): void {
    this.groups.add(group)
  }

  leave(group: string): void {
    this.groups.delete(group)
  }

  /** What has come since the last call. */
  take(): Message[] {
    const taken = this.#received
    this.#received = []
    return taken
  }
}

/** A transport without a network. */
export class FakeLinks {
  readonly all: FakeLink[] = []
  /** How many messages were encoded for a group, however many were in it. */
  broadcasts = 0

  open(): FakeLink {
    const link = new FakeLink()
    this.all.push(link)
    return link
  }

  broadcast(group: string, message: Message): void {
    this.broadcasts++
    for (const link of this.all) if (link.groups.has(group)) link.send(message)
  }
}

/** What a server without sockets must have to be driven by hand. */
export interface DrivenCore<Knock, Admission> {
  admit(auth: unknown, knock: Knock): Promise<Admission>
  connect(link: FakeLink, admission: Admission): ChannelEvents
}

/** A client of such a server. Each message is a packet, too. */
export class DrivenClient {
  readonly link: FakeLink
  readonly #events: ChannelEvents

  constructor(link: FakeLink, events: ChannelEvents) {
    this.link = link
    this.#events = events
  }

  say(event: string, ...args: unknown[]): void {
    this.#events.onPacket()
    this.#events.onMessage([event, ...args])
  }

  /** Says it, and returns what the acknowledgement said; undefined when none came yet. */
  ask(event: string, ...args: unknown[]): { readonly answer: unknown } | undefined {
    let said: { readonly answer: unknown } | undefined
    this.#events.onPacket()
    this.#events.onMessage([event, ...args], (answer) => {
      said = { answer }
    })
    return said
  }

  /** A pong, for example. */
  packet(): void {
    this.#events.onPacket()
  }

  /** The connection is lost. */
  lose(): void {
    this.link.close()
    this.link.groups.clear()
    this.#events.onClose()
  }

  /** What has come since the last call. */
  take(): Message[] {
    return this.link.take()
  }
}

/** Connects a client as a network would, from this machine unless `knock` says otherwise. */
export async function connectTo<Knock, Admission>(
  core: DrivenCore<Knock, Admission>,
  links: FakeLinks,
  who: { readonly clientId: number; readonly [more: string]: unknown },
  knock?: Partial<Knock>,
): Promise<DrivenClient> {
  const auth = { v: 1, secret: String(who.clientId).padStart(32, '0'), ...who }
  const nothing = { origin: undefined, host: undefined, address: undefined, isForwarded: false, headers: {} }
  const admission = await core.admit(auth, { ...nothing, ...knock } as Knock)
  const link = links.open()
  return new DrivenClient(link, core.connect(link, admission))
}
