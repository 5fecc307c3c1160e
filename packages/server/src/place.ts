import { baseKey, PresenceError } from '@app/protocol'
import { shown } from './shown.ts'

/*
 * A place is a room as the server knows it: the key of one tenant. Two tenants never share one, in memory or on disk. No
 * key and no tenant has a "!" in it.
 */

const tenantShape = /^[A-Za-z0-9._~-]{1,64}$/

/** The place of a key; without a tenant, the key itself. */
export function placeOf(tenant: string | undefined, key: string): string {
  return tenant === undefined ? key : `${tenant}!${key}`
}

/** Names a user among those of all tenants. An id may have anything in it. */
export function userKey(tenant: string | undefined, userId: string): string {
  return JSON.stringify([tenant ?? null, userId])
}

/** The key by which clients know the place. */
export function keyOf(place: string): string {
  return place.slice(place.indexOf('!') + 1)
}

/** The place of the room that a cursor's or a typing's place belongs to; of any other, itself. */
export function basePlace(place: string): string {
  return placeOf(tenantOf(place), baseKey(keyOf(place)))
}

export function tenantOf(place: string): string | undefined {
  const end = place.indexOf('!')
  return end < 0 ? undefined : place.slice(0, end)
}

export function isTenant(tenant: unknown): tenant is string {
  return typeof tenant === 'string' && tenantShape.test(tenant)
}

/** Checks the name of a tenant; throws `bad-options`. */
export function parseTenant(tenant: unknown): string {
  if (isTenant(tenant)) return tenant
  throw new PresenceError(
    'bad-options',
    `${shown(tenant)} is no name of a tenant: write 1 to 64 letters, digits or . _ ~ -`,
  )
}
