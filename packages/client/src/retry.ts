import type { PresenceError } from '@app/protocol'

// When a refusal may be retried and does not say when.
const retryDefaultMs = 1_000

/** How long to wait before asking once more for what was refused for now. */
export function retryDelayMs({ retryAfterMs = retryDefaultMs }: PresenceError): number {
  return retryAfterMs
}
