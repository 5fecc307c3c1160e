import { keyOf, tenantOf } from './place.ts'

/** Which rooms are asked for. */
export interface RoomQuery {
  readonly prefix: string
  /** Of this tenant only. Undefined: of all, and of none. */
  readonly tenant: string | undefined
  /** Only those behind this place; whether there is such a room does not matter. */
  readonly after: string | undefined
  readonly limit: number
}

/**
 * The first places of those that are asked for, by key and then by tenant. The last one of a page, told as `after`, gives the
 * page behind it, whatever has come and gone meanwhile.
 */
export function firstPlaces(places: Iterable<string>, { prefix, tenant, after, limit }: RoomQuery): string[] {
  const first: string[] = []
  for (const place of places) {
    if (tenant !== undefined && tenantOf(place) !== tenant) continue
    if (!keyOf(place).startsWith(prefix) || (after !== undefined && compare(place, after) <= 0)) continue
    const last = first.at(-1)
    // Of very many rooms, nearly all are passed over here: sorting them would hold up everyone.
    if (first.length === limit && last !== undefined && compare(place, last) > 0) continue
    first.splice(indexFor(first, place), 0, place)
    if (first.length > limit) first.pop()
  }
  return first
}

function indexFor(sorted: readonly string[], place: string): number {
  let [from, to] = [0, sorted.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (compare(sorted[middle] as string, place) < 0) from = middle + 1
    else to = middle
  }
  return from
}

function compare(one: string, other: string): number {
  return order(keyOf(one), keyOf(other)) || order(tenantOf(one) ?? '', tenantOf(other) ?? '')
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
