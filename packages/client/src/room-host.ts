import type { ClientMessage, PresenceError, PresenceUser, RoomVersion } from '@app/protocol'
import type { Rounds } from './rounds.ts'

/** What a room needs of its client. */
export interface RoomHost {
  readonly clientId: number
  readonly rounds: Rounds
  /** The server's clock. */
  now(): number
  /** The monotonic clock, for what is only measured here. */
  elapsedMs(): number
  user(): PresenceUser | null
  /** Whether the server has said hello on the present connection. */
  isConnected(): boolean
  /** When the last packet of the server came, on its clock. */
  lastPacketAtMs(): number
  /** The shortest time between two puts to one room. */
  sendMs(): number
  /** The server raises held leases to it. */
  heldTtlMinMs(): number
  nextPutNumber(): number
  send(message: ClientMessage): void
  after(delayMs: number, run: () => void): () => void
  report(error: PresenceError): void
  /** A room is wanted: connect, unless the application wants to do that itself. */
  wake(): void
  /** The room is not used any more; a later use makes a new one. */
  forget(room: { readonly key: string; readonly position: RoomVersion | null }): void
}
