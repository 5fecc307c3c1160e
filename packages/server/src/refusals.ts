import { PresenceError } from '@app/protocol'
import type { PutRates } from './put-queue.ts'

/*
 * What a client is told that is let in and then refused something: the codes with their sentences (docs/security.md has
 * them all).
 */

// Somebody may have left by then.
const roomsRetryMs = 5_000
const floodRetryMs = 5_000

export function notAllowed(what: 'read' | 'write', room: string): PresenceError {
  return new PresenceError('not-allowed', `This client may not ${what} "${shorten(room, 300)}".`, { room })
}

export function tokenExpired(): PresenceError {
  return new PresenceError('token-expired', 'The token has ended. Come back with a new one.', { canRetry: true })
}

export function kicked(room: string, banMs: number): PresenceError {
  const sentence = `The operator took your entry in "${room}" away.`
  if (banMs === 0) return new PresenceError('kicked', sentence)
  const more = ` You may come back in ${Math.ceil(banMs / 1_000)} s.`
  // Nothing is to come back by itself, so it cannot be retried; whoever asks the user can say when.
  return new PresenceError('kicked', sentence + more, { retryAfterMs: banMs })
}

export function tooManyRooms(max: number, room: string): PresenceError {
  return new PresenceError(
    'too-many-rooms',
    `This connection is in ${max} rooms, which is as many as it may be. Leave one before you come into another.`,
    { canRetry: true, retryAfterMs: roomsRetryMs, room },
  )
}

export function tooManyEntries(max: number, room: string): PresenceError {
  return new PresenceError(
    'too-many-rooms',
    `The clients of this user have ${max} entries, which is as many as they may have. Leave a room before you come into another.`,
    { canRetry: true, retryAfterMs: roomsRetryMs, room },
  )
}

export function putsWait({ perRoom, perConnection }: PutRates, room: string): PresenceError {
  return new PresenceError(
    'rate-limited',
    `Puts come faster than ${perRoom} a second into one room, or ${perConnection} a second into all. The newest waits for the next free slot.`,
    { canRetry: true, room },
  )
}

export function tooManyLogins(max: number): PresenceError {
  return new PresenceError('rate-limited', `${max} log-ins of this connection are under way. Wait for their answers.`, {
    canRetry: true,
  })
}

export function tooManyMessages(perSecond: number): PresenceError {
  return new PresenceError('rate-limited', `Messages come faster than ${perSecond} a second. Come back more slowly.`, {
    canRetry: true,
    retryAfterMs: floodRetryMs,
  })
}

export function tooManyBadMessages(count: number): PresenceError {
  return new PresenceError(
    'bad-message',
    `This connection sent ${count} messages that are not of the presence protocol.`,
  )
}

export function tooLongMessage(maxBytes: number): PresenceError {
  return new PresenceError('too-large', `A message has at most ${maxBytes} bytes. Send less at once.`)
}

export function slowClient(): PresenceError {
  return new PresenceError('slow-client', 'This connection could not keep up. Come back for a snapshot.', {
    canRetry: true,
  })
}

export function unknownRoom(number: number): PresenceError {
  return new PresenceError(
    'bad-message',
    `No snapshot on this connection gave the room number ${number}. Use the room's key.`,
  )
}

export function serverFailed(): PresenceError {
  return new PresenceError('internal', 'The server failed.', { canRetry: true })
}

/** What a client sent is not sent back at any length. */
export function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text
}
