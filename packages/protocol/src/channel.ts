/** One event with its arguments, as Socket.IO carries it: `emit(event, ...args)`. */
export type Message = readonly [event: string, ...args: unknown[]]

/** One end of a link: whole messages, in order, until it closes. Socket.IO is one; testkit has another, flushed by hand. */
export interface Channel {
  /** Sends a message. After the channel has closed it does nothing. */
  send(message: Message): void
  /** Closes it after what was sent; the other end is told. `onClose` follows unless it has been called. */
  close(): void
}

/** What a channel tells the one who holds it. Nothing is called after `onClose`. */
export interface ChannelEvents {
  /** A message came. `reply` is there when the sender asked for an acknowledgement. */
  onMessage(message: Message, reply?: (answer: unknown) => void): void
  /** Any packet came, pings included: proof that the other end lives. Called before `onMessage`. */
  onPacket(): void
  onClose(): void
}
