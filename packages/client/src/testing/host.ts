import type { ChannelEvents, Clock, Handshake, ServerMessage } from '@app/protocol'

/** The server's end of a wire, as a server sees it. */
export interface Link {
  send(message: ServerMessage): void
  /** Closes it. Nothing more is heard of it. */
  close(): void
}

/** What the server hears of its end. */
export type HostEvents = ChannelEvents

/** What a wire needs of a server. */
export interface Host {
  /** Lets a client in, whoever it is. */
  connect(handshake: Handshake, link: Link): HostEvents
  /** Ends it: no timer of it runs any more. */
  stop(): void
}

/** Makes the server of a world. */
export type Serve = (clock: Clock) => Host
