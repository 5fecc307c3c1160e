import { PresenceError } from '@app/protocol'

/** What follows when an attempt failed or the server ended a connection: no other attempt, one at once, or one after a wait. */
export type Verdict =
  | { readonly type: 'refuse'; readonly error: PresenceError }
  | { readonly type: 'at-once' }
  /** Not before `afterMs`, if there is one. */
  | { readonly type: 'later'; readonly afterMs?: number | undefined }

/** The verdict that an error carries itself. */
export function verdictOf(error: PresenceError): Verdict {
  return error.canRetry ? { type: 'later', afterMs: error.retryAfterMs } : { type: 'refuse', error }
}

/** A token that has ended is an end when there is nobody to ask for another. */
export function withoutRenewal({ code, message }: PresenceError): PresenceError {
  return new PresenceError(code, `${message} Without a token function: call reauthenticate({ token }).`)
}
