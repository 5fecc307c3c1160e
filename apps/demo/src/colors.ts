import type { PresenceEntry } from '@app/client'
import { userColor } from '@app/react'

// More than the kit has colours, so that each of them is met.
const tries = 60

/** A colour that is not taken, the same whenever the same are: the user's own, else one that follows from it. */
export function freeColor(id: string, taken: ReadonlySet<string>): string {
  const own = userColor({ id }).color
  if (!taken.has(own)) return own
  for (let i = 1; i < tries; i++) {
    const { color } = userColor({ id: `${id} ${i}` })
    if (!taken.has(color)) return color
  }
  return own
}

interface Me {
  readonly id: string
  readonly clientId: number
  readonly color: string
}

/**
 * The colour that tells me from who was here before me: of two people with one colour the later one takes another. My tabs
 * have the colour of the first of them. Simulated visitors are too many to be asked.
 */
export function myColor(online: readonly PresenceEntry[], me: Me): string {
  const taken = new Set<string>()
  for (const { clientId, user } of online) {
    if (clientId === me.clientId) break
    if (user?.id === me.id) return typeof user.color === 'string' ? user.color : me.color
    if (user?.['isVisitor'] !== true) taken.add(userColor(user, clientId).color)
  }
  return taken.has(me.color) ? freeColor(me.id, taken) : me.color
}
