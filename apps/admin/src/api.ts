import type { RoomSummary } from './fold.ts'
import { parseMetrics, type Sample } from './metrics.ts'

/** What the server, or the way to it, said no with: a sentence for people. */
export class ApiError extends Error {
  /** Undefined: it did not answer. */
  readonly status: number | undefined

  constructor(sentence: string, status?: number) {
    super(sentence)
    this.status = status
  }
}

/** Whether it was another token than the server's. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401
}

export interface RoomsQuery {
  readonly prefix?: string | undefined
  readonly tenant?: string | undefined
  readonly after?: string | undefined
  readonly limit?: string | undefined
}

export interface RoomsPage {
  readonly rooms: readonly RoomSummary[]
  readonly next: string | null
}

/** Of a room what its entries do not tell everyone. */
export interface RoomState {
  readonly entries: readonly { readonly clientId: number; readonly isHeld: boolean }[]
}

export interface Readiness {
  readonly status: string
  readonly store: string
  readonly lagMs: number
  readonly draining: boolean
}

/** What the page asks the server over HTTP. Each throws ApiError. */
export interface Api {
  readonly token: string
  rooms(query: RoomsQuery, signal?: AbortSignal): Promise<RoomsPage>
  room(key: string, tenant: string | undefined, signal?: AbortSignal): Promise<RoomState>
  /** Takes an entry away; of a client, which then may not come back for `banMs`, those of its cursor and typing too. */
  kick(key: string, clientId: number, how: { tenant: string | undefined; banMs: number }): Promise<void>
  metrics(signal?: AbortSignal): Promise<Sample>
  readiness(signal?: AbortSignal): Promise<Readiness>
}

export function createApi(token: string): Api {
  async function ask(path: string, { method = 'GET', signal }: { method?: string; signal?: AbortSignal | undefined }) {
    // A header takes visible ASCII only, and so does the server as its token.
    if (!/^[!-~]+$/.test(token)) throw new ApiError(wrongToken, 401)
    // The page is in a folder of the server.
    const response = await fetch(`../${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}` },
      cache: 'no-store',
      ...(signal && { signal }),
    }).catch((error: unknown) => {
      if (signal?.aborted) throw error
      throw new ApiError('The server does not answer.')
    })
    if (response.status === 401) throw new ApiError(wrongToken, 401)
    return response
  }

  async function askJson<T>(path: string, signal?: AbortSignal): Promise<T> {
    const response = await ask(path, { signal })
    if (!response.ok) throw await refusal(response)
    return (await response.json()) as T
  }

  return {
    token,
    rooms: (query, signal) => askJson(`v1/rooms${queryOf({ ...query })}`, signal),
    room: (key, tenant, signal) => askJson(`v1/rooms/${encodeURIComponent(key)}${queryOf({ tenant })}`, signal),
    async kick(key, clientId, { tenant, banMs }) {
      // Entries of programs have no client that could come back.
      const query = queryOf({ tenant, banMs: clientId < 0 ? undefined : String(banMs) })
      const path = `v1/rooms/${encodeURIComponent(key)}/entries/${clientId}${query}`
      const response = await ask(path, { method: 'DELETE' })
      if (!response.ok) throw await refusal(response)
    },
    async metrics(signal) {
      const response = await ask('metrics', { signal })
      if (!response.ok) throw await refusal(response)
      return parseMetrics(await response.text(), performance.now())
    },
    async readiness(signal) {
      const response = await ask('readyz', { signal })
      // One that is not ready says so with 503, and why.
      if (!response.ok && response.status !== 503) throw await refusal(response)
      return (await response.json()) as Readiness
    },
  }
}

const wrongToken = 'This is not the admin token of the server.'

/** The sentence of problem details (RFC 9457); what a proxy says has none. */
async function refusal(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => undefined)) as { detail?: unknown } | undefined
  const said = typeof problem?.detail === 'string' ? problem.detail : `The server answered ${response.status}.`
  return new ApiError(said, response.status)
}

function queryOf(query: Readonly<Record<string, string | undefined>>): string {
  const said = Object.entries(query).filter((each): each is [string, string] => each[1] !== undefined)
  return said.length === 0 ? '' : `?${new URLSearchParams(said).toString()}`
}
