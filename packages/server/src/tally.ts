import type { PresenceUser } from '@app/protocol'
import { tenantOf, userKey } from './place.ts'

/** How many entries each user has, over all rooms of a tenant. Who is no user is not counted. */
export class Tally {
  readonly #counts = new Map<string, number>()

  of(place: string, user: PresenceUser | undefined): number {
    return user ? (this.#counts.get(keyOf(place, user)) ?? 0) : 0
  }

  add(place: string, user: PresenceUser | undefined): void {
    if (user) this.#counts.set(keyOf(place, user), this.of(place, user) + 1)
  }

  remove(place: string, user: PresenceUser | undefined): void {
    if (!user) return
    const left = this.of(place, user) - 1
    if (left > 0) this.#counts.set(keyOf(place, user), left)
    else this.#counts.delete(keyOf(place, user))
  }
}

function keyOf(place: string, user: PresenceUser): string {
  return userKey(tenantOf(place), user.id)
}
