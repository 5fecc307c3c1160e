import type { PresenceUser } from '@app/client'
import { userColor } from '@app/react'
import { pageOf } from './page.ts'

/** What the address says: which room, and who comes. */
export interface Visit {
  /** As people read it: "lobby". */
  readonly room: string
  /** As the kit reads it: "pr:lobby". */
  readonly key: string
  readonly user: PresenceUser & { readonly name: string; readonly color: string }
}

const roomMax = 60
const nameMax = 32

/**
 * Reads an address such as `?room=studio&name=Ada`. Whatever is not fit for a room key becomes a hyphen; without a name
 * the visitor is called `fallbackName`.
 */
export function visitOf(search: string, fallbackName: string): Visit {
  const params = new URLSearchParams(search)
  const room = roomOf(params.get('room'))
  const name = cleanName(params.get('name')) || fallbackName
  // The name is the identity: two tabs with one name are one person with two tabs.
  const id = name.toLowerCase()
  return { room, key: `pr:${room}`, user: { id, name, color: userColor({ id }).color } }
}

function roomOf(asked: string | null): string {
  const room = (asked ?? '')
    .trim()
    .replace(/[^A-Za-z0-9._~:@+/-]+/g, '-')
    .slice(0, roomMax)
    .replace(/^-+|-+$/g, '')
  // Cursors and typing of a room live under these last segments.
  return room.replace(/-*\/(cursors|typing)$/, '-$1') || 'lobby'
}

function cleanName(asked: string | null): string {
  // By code points: half a sign is none.
  return Array.from((asked ?? '').replace(/\s+/g, ' ').trim())
    .slice(0, nameMax)
    .join('')
    .trim()
}

/** The address of this page for a guest, who brings a name of their own; or for another tab of `name`. */
export function invitation(address: string, room: string, name?: string): string {
  const url = new URL(address)
  const page = pageOf(url.search)
  url.search = ''
  url.hash = ''
  if (room !== 'lobby') url.searchParams.set('room', room)
  if (name !== undefined) url.searchParams.set('name', name)
  if (page !== 'room') url.searchParams.set('page', page)
  return url.href
}
