import { PresenceError } from '@app/protocol'
import type { RoomsPage, RoomSummary } from './operator.ts'
import type { Kick, RoomsAsked } from './options.ts'

/*
 * What the program asks of a server that runs, over HTTP (openapi.json). Errors are sentences for the operator, and have
 * no token in them.
 */

/** Where a server is, and what opens it. */
export interface Access {
  readonly url: string
  readonly adminToken: string
}

// A server that has not answered by then hangs.
const answerMs = 10_000
const pageLimit = '1000'

/** All rooms, in the order of their keys. */
export async function listRooms(access: Access, { prefix, tenant }: RoomsAsked): Promise<readonly RoomSummary[]> {
  const rooms: RoomSummary[] = []
  let after: string | undefined
  do {
    const path = `/v1/rooms${queryOf({ limit: pageLimit, prefix, tenant, after })}`
    const page = (await ask(access, 'GET', path)) as RoomsPage
    rooms.push(...page.rooms)
    after = page.next ?? undefined
  } while (after !== undefined)
  return rooms
}

export async function kickClient(access: Access, { key, clientId, banMs, tenant }: Kick): Promise<void> {
  const query = queryOf({ banMs: banMs?.toString(), tenant })
  await ask(access, 'DELETE', `/v1/rooms/${encodeURIComponent(key)}/entries/${clientId}${query}`)
}

async function ask({ url, adminToken }: Access, method: string, path: string): Promise<unknown> {
  const response = await fetch(url + path, {
    method,
    headers: { Authorization: `Bearer ${adminToken}` },
    // The token is for this server and no other.
    redirect: 'error',
    signal: AbortSignal.timeout(answerMs),
  }).catch((error: unknown) => {
    throw noAnswer(url, error)
  })
  if (response.status === 204) return undefined
  const isJson = /^application\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '')
  const body: unknown = isJson ? await response.json().catch(() => undefined) : undefined
  if (response.ok && body !== undefined) return body
  throw refusal(url, response.status, body)
}

function noAnswer(url: string, error: unknown): PresenceError {
  const { name, message, cause } = error as Error & {
    readonly cause?: { readonly code?: string; readonly message?: string }
  }
  const why = name === 'TimeoutError' ? `not within ${answerMs} ms` : (cause?.code ?? cause?.message ?? message)
  const sentence = `No server answers at ${url} (${why}). Does it run, and is --url or PRESENCE_URL right?`
  return new PresenceError('connection-failed', sentence, { cause: error })
}

function refusal(url: string, status: number, body: unknown): PresenceError {
  if (status === 401) {
    const sentence = `The server at ${url} has another admin token. Set PRESENCE_ADMIN_TOKEN to that.`
    return new PresenceError('unauthorized', sentence)
  }
  const { detail } = (body ?? {}) as { readonly detail?: unknown }
  if (typeof detail === 'string') return new PresenceError('bad-options', detail)
  const sentence = `What answers at ${url} has no such interface (HTTP ${status}). Is it a presence-server, started with PRESENCE_ADMIN_TOKEN?`
  return new PresenceError('bad-options', sentence)
}

function queryOf(values: Readonly<Record<string, string | undefined>>): string {
  const said = Object.entries(values).filter((each): each is [string, string] => each[1] !== undefined)
  const text = new URLSearchParams(said).toString()
  return text && `?${text}`
}
