import type { RoomSummary } from './operator.ts'

/** Rooms for people to read, one a line. The key comes last: it may be long. */
export function roomsTable(rooms: readonly RoomSummary[]): string {
  if (rooms.length === 0) return 'Nobody is in a room, and nobody listens to one.\n'
  const hasTenants = rooms.some(({ tenant }) => tenant !== undefined)
  const line = (numbers: readonly unknown[], key: string, tenant = '-'): string =>
    [...numbers.map((number) => String(number).padStart(9)), ...(hasTenants ? [tenant.padEnd(12)] : []), key].join('  ')
  return [
    line(['USERS', 'CLIENTS', 'LISTENERS'], 'ROOM', 'TENANT'),
    ...rooms.map(({ key, tenant, users, clients, listeners }) => line([users, clients, listeners], key, tenant)),
    '',
  ].join('\n')
}
