import { readFileSync } from 'node:fs'
import { PresenceError } from '@app/protocol'
import type { TokenGrant } from '../create-token.ts'
import type { Issue } from '../jwt.ts'
import type { Logger } from '../logger.ts'
import { checkNames, isWritten, type EntryPut, type Operator, type Whom } from '../operator.ts'
import { problem, type Answer } from './problem.ts'

/** What a route answers with. */
export interface Served {
  readonly operator: Operator
  /** Undefined where the server has no secret to sign with. */
  readonly issue: Issue | undefined
  readonly logger: Logger
}

/** What a request says, read. */
export interface Asked {
  /** What stood in the place of `{key}` and `{clientId}`. */
  readonly params: Readonly<Record<string, string>>
  /** Only names that the route has, each once. */
  readonly query: Readonly<Record<string, string | undefined>>
  /** What the JSON of the body stands for; undefined without a body. */
  readonly body: unknown
}

export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** As in openapi.json, which says what each is for. */
  readonly path: string
  readonly query: readonly string[]
  /** Also while the server does not run. */
  readonly isAlways?: true
  answer(asked: Asked, served: Served): Answer | Promise<Answer>
}

/** All that can be asked. */
export const routes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/rooms',
    query: ['limit', 'after', 'prefix', 'tenant'],
    answer: ({ query: { limit, ...query } }, { operator }) =>
      ok(operator.rooms({ ...query, ...(limit !== undefined && { limit: numberOf('limit', limit) }) })),
  },
  {
    method: 'GET',
    path: '/v1/rooms/{key}',
    query: ['tenant'],
    answer: ({ params: { key = '' }, query }, { operator }) => ok(operator.room(key, query)),
  },
  {
    method: 'GET',
    path: '/v1/rooms/{key}/count',
    query: ['tenant'],
    answer: ({ params: { key = '' }, query }, { operator }) => ok(operator.count(key, query)),
  },
  {
    method: 'PUT',
    path: '/v1/rooms/{key}/entries',
    query: ['tenant'],
    answer({ params: { key = '' }, query, body }, { operator }) {
      // The tenant is a part of which room it is, as in the other paths.
      checkNames('The body', body, ['data', 'ttlMs', 'user', 'clientId'])
      const put = body as EntryPut & { readonly clientId?: number }
      const entry = operator.putEntry(key, { ...put, ...query })
      if (entry) return { status: put.clientId === undefined ? 201 : 200, body: entry }
      return noEntry('It has ended, or never was. Put it without a clientId.')
    },
  },
  {
    method: 'DELETE',
    path: '/v1/rooms/{key}/entries/{clientId}',
    query: ['tenant', 'banMs'],
    answer({ params: { key = '', clientId: text = '' }, query: { banMs, tenant } }, { operator }) {
      const clientId = numberOf('clientId', text)
      if (banMs !== undefined && isWritten(clientId))
        throw new PresenceError('bad-options', 'banMs is for clients: an entry that was put has none.')
      const isGone = isWritten(clientId)
        ? operator.removeEntry(key, clientId, { tenant })
        : operator.kick(key, clientId, { tenant, banMs: banMs === undefined ? undefined : numberOf('banMs', banMs) })
      return isGone ? { status: 204 } : noEntry('It may have ended.')
    },
  },
  {
    method: 'POST',
    path: '/v1/tokens',
    query: [],
    async answer({ body }, { issue, logger }) {
      if (issue) {
        const made = await issue(body as TokenGrant)
        logger.info({ expiresAtMs: made.expiresAtMs }, 'A token was made.')
        return { status: 201, body: made }
      }
      return problem('no-secret', 'This server has no secret to sign tokens with. Set PRESENCE_JWT_SECRET.')
    },
  },
  {
    method: 'POST',
    path: '/v1/disconnect',
    query: [],
    answer: ({ body }, { operator }) => ok({ disconnected: operator.disconnect(body as Whom) }),
  },
  { method: 'GET', path: '/v1/openapi.json', query: [], isAlways: true, answer: () => ok(document()) },
]

/** What this interface is, in OpenAPI 3.1. */
function document(): unknown {
  // From src as from dist.
  return JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'))
}

function ok(body: unknown): Answer {
  return { status: 200, body }
}

function noEntry(more: string): Answer {
  return problem('not-found', `There is no such entry in the room. ${more}`)
}

function numberOf(name: string, text: string): number {
  if (/^-?\d{1,16}$/.test(text)) return Number(text)
  throw new PresenceError('bad-options', `${name} is no whole number.`)
}
