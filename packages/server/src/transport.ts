import type { Channel, ChannelEvents, ServerMessage } from '@app/protocol'

/** The server's end of one connection. Socket.IO has one; tests have another, flushed by hand. */
export interface Link extends Channel {
  /** From now on, what is broadcast to the group comes here too. */
  join(group: string): void
  leave(group: string): void
  /** Whether what was sent a while ago has not gone out yet, or the other end is late to answer. Asked before each flush. */
  isBehind(): boolean
  /** Whether more waits here to go out than a client can need that reads. */
  isDrowning(): boolean
}

/** What a link tells the one who holds it. */
export interface LinkEvents extends ChannelEvents {
  /** What waited has gone out, or the other end has answered. */
  onDrained(): void
  /** A message of more than so many bytes came. It is not read. */
  onOversized(maxBytes: number): void
}

/** Tells many at once. */
export interface Transport {
  /** Encodes a message once and sends it to every link of the group. */
  broadcast(group: string, message: ServerMessage): void
}
