import { PresenceError } from '@app/protocol'
import { tokenTtlMaxMs, tokenTtlMinMs, type TokenGrant } from './create-token.ts'
import type { Flag, Given } from './flags.ts'
import { wholeNumber } from './settings.ts'

/** Rooms are patterns with commas between. */
export const tokenFlags: readonly Flag[] = [
  { flag: 'user', value: 'ID', help: 'whom it is for' },
  { flag: 'name', value: 'NAME', help: 'what others see' },
  { flag: 'rooms', value: 'ROOMS', help: 'rooms to read and write, with commas between (pr:**, all)' },
  { flag: 'read', value: 'ROOMS', help: 'or apart: rooms to read' },
  { flag: 'write', value: 'ROOMS', help: 'and rooms to write' },
  { flag: 'tenant', value: 'NAME', help: 'whose rooms they are' },
  { flag: 'ttl-ms', value: 'MS', help: 'how long it is good: 1000 to 2678400000 (3600000, an hour)' },
]

/** Reads the flags; throws `bad-options`. What they say is checked when the token is made. */
export function grantOf(flags: Given['flags']): TokenGrant {
  const said = (name: string): string | undefined => (typeof flags[name] === 'string' ? flags[name] : undefined)
  const [id, name, rooms, read, write] = ['user', 'name', 'rooms', 'read', 'write'].map(said)
  if (id === undefined || id === '') throw bad('A token is for one user: presence-server token --user ada.')
  const isApart = read !== undefined || write !== undefined
  if (isApart && rooms !== undefined)
    throw bad('--rooms is for reading and writing: leave it out beside --read, --write.')
  return {
    user: { id, ...(name !== undefined && { name }) },
    rooms: isApart ? { read: listOf(read ?? ''), write: listOf(write ?? '') } : listOf(rooms ?? 'pr:**'),
    tenant: said('tenant'),
    ttlMs: wholeNumber(tokenTtlMinMs, tokenTtlMaxMs)(said('ttl-ms') ?? '3600000', '--ttl-ms') as number,
  }
}

function listOf(text: string): readonly string[] {
  const parts = text.split(',').map((part) => part.trim())
  return parts.filter((part) => part !== '')
}

function bad(sentence: string): PresenceError {
  return new PresenceError('bad-options', sentence)
}
