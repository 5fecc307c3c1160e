import type { ClientMessage, Clock, Hello, PresenceError, PresenceUser } from '@app/protocol'
import type { Counter } from './counter.ts'
import type { RoomStatus } from './presence.ts'
import type { Room } from './room.ts'
import type { Rounds } from './rounds.ts'

/** What a room, or the count of one, needs of its client. */
export interface RoomHost {
  readonly clientId: number
  readonly clock: Clock
  readonly rounds: Rounds
  readonly user: PresenceUser | null
  /** As the server's hello says; before that, the defaults. */
  readonly limits: Pick<Hello, 'dataBytes' | 'heldTtlMinMs' | 'keyBytes' | 'sendMs'>
  /** Whether the server has said hello on the present connection. */
  readonly isConnected: boolean
  /** How a room stands that nothing is known of. */
  readonly statusOfNone: RoomStatus
  /** The server's clock. */
  now(): number
  /** When the last packet of the server came, on its clock. */
  lastPacketAtMs(): number
  nextPutNumber(): number
  send(message: ClientMessage): void
  report(error: PresenceError): void
  /** A room is wanted: connect, unless the application wants to do that itself. */
  wake(): void
  /** It is not used any more; a later use makes a new one. */
  forget(topic: Room | Counter): void
}
