import type { ChannelEvents, Message } from '@app/protocol'

/** The server's end of a connection without a network: what the server sends lies there until a test takes it. */
export class FakeLink {
  readonly groups = new Set<string>()
  isClosed = false
  /** What is sent does not get out. */
  isJammed = false
  /** More waits to get out than a client can need that reads, as the server is told. */
  isOverfull = false
  #received: Message[] = []

  send(message: Message): void {
    // As it would arrive: whatever happens to the server's data later.
    if (!this.isClosed) this.#received.push(JSON.parse(JSON.stringify(message)) as Message)
  }

  close(): void {
    this.isClosed = true
  }

  isBehind(): boolean {
    return this.isJammed
  }

  isDrowning(): boolean {
    return this.isOverfull
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
  /** How many deltas were encoded for a group, however many were in it. */
  broadcasts = 0

  open(): FakeLink {
    const link = new FakeLink()
    this.all.push(link)
    return link
  }

  broadcast(group: string, message: Message): void {
    // Of deltas only: a pace is told when somebody comes or goes, not when the room changes.
    if (message[0] === 'd') this.broadcasts++
    for (const link of this.all) if (link.groups.has(group)) link.send(message)
  }
}

/** What the server hears of a link. */
export interface DrivenEvents extends ChannelEvents {
  onDrained(): void
  onOversized(maxBytes: number): void
}

/** What a server without sockets must have to be driven by hand. */
export interface DrivenCore<Knock, Admission> {
  admit(auth: unknown, knock: Knock): Promise<Admission>
  connect(link: FakeLink, admission: Admission): DrivenEvents
}

/** A client of such a server. Each message is a packet, too. */
export class DrivenClient {
  readonly link: FakeLink
  readonly #events: DrivenEvents
  #asides: Message[] = []

  constructor(link: FakeLink, events: DrivenEvents) {
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

  /** Says it, and hears what the acknowledgement says whenever it comes. */
  sayWith(event: string, args: readonly unknown[], reply: (answer: unknown) => void): void {
    this.#events.onPacket()
    this.#events.onMessage([event, ...args], reply)
  }

  /** A pong, for example. */
  packet(): void {
    this.#events.onPacket()
  }

  /** Sends a message of more than so many bytes. */
  oversize(maxBytes: number): void {
    this.#events.onPacket()
    this.#events.onOversized(maxBytes)
  }

  /** What is sent does not get out, until `drain`. */
  jam(): void {
    this.link.isJammed = true
  }

  drain(): void {
    this.link.isJammed = false
    this.#events.onDrained()
  }

  /** The connection is lost. */
  lose(): void {
    this.link.close()
    this.link.groups.clear()
    this.#events.onClose()
  }

  /** What has come since the last call, but for what is told of the connection itself: see `asides`. */
  take(): Message[] {
    const all = this.link.take()
    this.#asides.push(...all.filter(isAside))
    return all.filter((message) => !isAside(message))
  }

  /** The paces and hashes of versions that have come since the last call. */
  asides(): Message[] {
    const asides = [...this.#asides, ...this.link.take().filter(isAside)]
    this.#asides = []
    return asides
  }
}

function isAside([event]: Message): boolean {
  return event === 'pace' || event === 'v'
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
