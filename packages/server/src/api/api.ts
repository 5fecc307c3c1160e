import { PresenceError } from '@app/protocol'
import { bearerOf, type AdminToken } from '../admin-token.ts'
import { problem, problemOf, type Answer } from './problem.ts'
import { routes, type Asked, type Route, type Served } from './routes.ts'

/** A request before its body. */
export interface Head {
  readonly method: string
  /** As it was sent: a path, and perhaps `?` and a query. */
  readonly url: string
  readonly authorization: string | undefined
  readonly contentType: string | undefined
}

export interface ApiOptions extends Served {
  readonly adminToken: AdminToken
  /** How large a body may be. */
  readonly bodyBytes: number
}

/** A request that is let in, and will be answered once its body is there. */
export interface Admitted {
  readonly takesBody: boolean
  /** `body`: its text; null when it has more than `bodyBytes`. */
  answer(body?: string | null): Promise<Answer>
}

const root = '/v1'

/** Whether the path is one of this interface. */
export function isOfApi(url: string): boolean {
  return url.split('?', 1)[0] === root || url.startsWith(`${root}/`)
}

/** Looks at a request before its body is read. Whoever has no token learns nothing, not even which paths there are. */
export function admitRequest(head: Head, { adminToken, logger, bodyBytes, ...more }: ApiOptions): Admitted | Answer {
  if (!adminToken.isSame(bearerOf(head.authorization))) {
    adminToken.failed()
    const sentence = 'This asks for the admin token of the server: "Authorization: Bearer …".'
    return problem('unauthorized', sentence, { 'WWW-Authenticate': 'Bearer' })
  }
  const served = { ...more, logger }
  const [, path = '', query] = /^([^?]*)\??(.*)$/s.exec(head.url) ?? []
  const here = routes.flatMap((route) => {
    const params = match(route, path)
    return params ? [{ route, params }] : []
  })
  if (here.length === 0) return problem('not-found', 'There is no such path. GET /v1/openapi.json has all of them.')
  const method = head.method === 'HEAD' ? 'GET' : head.method
  const found = here.find(({ route }) => route.method === method)
  if (!found) {
    const methods = here.map(({ route }) => (route.method === 'GET' ? 'GET, HEAD' : route.method)).join(', ')
    return problem('method-not-allowed', `This path takes ${methods}.`, { Allow: methods })
  }
  const { route, params } = found
  const takesBody = route.method === 'PUT' || route.method === 'POST'
  if (takesBody && !/^application\/json *(;|$)/i.test(head.contentType ?? ''))
    return problem('unsupported-media-type', 'The body is JSON: "Content-Type: application/json".')
  return {
    takesBody,
    async answer(body) {
      try {
        // An empty room would be a lie.
        if (!route.isAlways) served.operator.running()
        const asked: Asked = {
          params: decoded(params),
          query: queryOf(route, query),
          body: takesBody && parsed(body, bodyBytes),
        }
        return await route.answer(asked, served)
      } catch (err) {
        if (!(err instanceof PresenceError))
          logger.error({ err, method, path: route.path }, 'A request could not be handled.')
        return problemOf(err)
      }
    },
  }
}

/** What stands in the place of the names in a route's path; undefined when it is another path. */
function match({ path }: Route, asked: string): Record<string, string> | undefined {
  const [wanted, given] = [path.split('/'), asked.split('/')]
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? []
    const text = given[index] as string
    if (name === undefined ? text !== part : text === '') return undefined
    if (name !== undefined) params[name] = text
  }
  return params
}

function decoded(params: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(params).map(([name, text]) => [name, decodeURIComponent(text)]))
  } catch {
    throw new PresenceError('bad-key', 'The path is not encoded as it should be: take encodeURIComponent for a key.')
  }
}

/** A misspelt tenant would be the rooms of those who have none. */
function queryOf({ query: names }: Route, text: string | undefined): Record<string, string> {
  const query = [...new URLSearchParams(text)]
  const said = query.map(([name]) => name)
  if (new Set(said).size === said.length && said.every((name) => names.includes(name))) return Object.fromEntries(query)
  const wanted =
    names.length === 0 ? 'This path takes no query.' : `A query has each of ${names.join(', ')} once at most.`
  throw new PresenceError('bad-options', wanted)
}

function parsed(body: string | null | undefined, bodyBytes: number): unknown {
  if (body === null) throw new PresenceError('too-large', `A body has at most ${bodyBytes} bytes.`)
  try {
    return JSON.parse(body ?? '')
  } catch {
    throw new PresenceError('bad-message', 'The body is no JSON.')
  }
}
