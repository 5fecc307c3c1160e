import type { Channel, ChannelEvents, PresenceError } from '@app/protocol'
import type { DeviceClock } from './device-clock.ts'

/** What a network needs of a server: to be let in, and then to be connected. */
export interface Host {
  readonly clock: DeviceClock
  /** Resolves with how to connect the link that was let in; rejects with the error that refuses it. */
  admit(auth: unknown): Promise<(link: ServerEnd) => ServerEvents>
}

/** What the client's end tells. */
export interface ClientEnd extends ChannelEvents {
  onRefused(error: PresenceError): void
}

/** The server's end, as a server sees it. */
export interface ServerEnd extends Channel {
  join(group: string): void
  leave(group: string): void
  /** What was sent does not get out. */
  isBehind(): boolean
  isDrowning(): boolean
}

/** What the server hears of its end. */
export interface ServerEvents extends ChannelEvents {
  onDrained(): void
}
