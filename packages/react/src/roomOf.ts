import { derivedKey, PresenceError, type PresenceClient, type PresenceRoom } from '@app/client'

/** A room by its own key, or what is kept beside it. Throws `bad-key`, and names the key as it was written. */
export function roomOf(client: PresenceClient, key: string, kind?: 'cursors' | 'typing'): PresenceRoom {
  if ((key as unknown) == null)
    throw new PresenceError('bad-key', 'There is no room key yet. Until there is, pass usePresence enabled: false.')
  const room = client.presence(key)
  return kind ? client.presence(derivedKey(key, kind)) : room
}
