import type { PresenceError } from '@app/protocol'

/** Where a client's connection stands. `attempt` counts the tries that failed since it last stood. */
export type Connection =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting'; readonly attempt: number }
  | { readonly status: 'connected' }
  | { readonly status: 'reconnecting'; readonly attempt: number }
  | { readonly status: 'closed' }
  | { readonly status: 'refused'; readonly error: PresenceError }

export type ConnectionEvent =
  /** The application wants a connection. */
  | { readonly type: 'connect' }
  /** The server has said hello. */
  | { readonly type: 'hello' }
  /** The connection ended, or the attempt failed; trying again makes sense, and `isAtOnce` without a wait. */
  | { readonly type: 'lost'; readonly isAtOnce?: boolean }
  /** Trying again makes no sense. */
  | { readonly type: 'refuse'; readonly error: PresenceError }
  | { readonly type: 'close' }

/** The whole table. An event that means nothing in a state returns that state itself. */
export function next(now: Connection, event: ConnectionEvent): Connection {
  switch (event.type) {
    case 'connect':
      return isResting(now) ? { status: 'connecting', attempt: 0 } : now
    case 'hello':
      return isTrying(now) ? { status: 'connected' } : now
    case 'lost':
      if (now.status === 'connected') return { status: 'reconnecting', attempt: 0 }
      return isTrying(now) ? { status: now.status, attempt: now.attempt + 1 } : now
    case 'refuse':
      return isResting(now) ? now : { status: 'refused', error: event.error }
    case 'close':
      return now.status === 'closed' ? now : { status: 'closed' }
  }
}

type Trying = Extract<Connection, { attempt: number }>

export const isTrying = (state: Connection): state is Trying => 'attempt' in state

const isResting = (state: Connection): boolean => !isTrying(state) && state.status !== 'connected'
