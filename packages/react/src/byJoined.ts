import type { PresenceEntry } from '@app/client'

/** First come, first; of two at the same moment the smaller `clientId`. */
export function byJoined(one: PresenceEntry, other: PresenceEntry): number {
  return one.joinedAtMs - other.joinedAtMs || one.clientId - other.clientId
}
