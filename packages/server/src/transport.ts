import type { Channel, ServerMessage } from '@app/protocol'

/** The server's end of one connection. Socket.IO has one; tests have another, flushed by hand. */
export interface Link extends Channel {
  /** From now on, what is broadcast to the group comes here too. */
  join(group: string): void
  leave(group: string): void
}

/** Tells many at once. */
export interface Transport {
  /** Encodes a message once and sends it to every link of the group. */
  broadcast(group: string, message: ServerMessage): void
}
