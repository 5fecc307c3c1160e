import { statSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import sirv from 'sirv'
import { isOfAdminPage, serveAdminPage } from './admin-page.ts'
import { bearerOf } from './admin-token.ts'
import { hostname, isLoopbackAddress, isLoopbackHost } from './admission.ts'
import { isOfApi, type ApiOptions } from './api/api.ts'
import { answerRequest } from './api/node-http.ts'
import type { Metrics } from './metrics.ts'
import type { Readiness } from './readiness.ts'

export interface OwnPathsOptions {
  readonly isAlive: () => boolean
  readonly readiness: () => Readiness
  readonly metrics: Pick<Metrics, 'contentType' | 'text'>
  /** Undefined without an admin token: there is no such interface then. */
  readonly api: ApiOptions | undefined
}

/** Answers a request if its path is one of the server's own; returns whether it is. */
export type OwnPaths = (request: IncomingMessage, response: ServerResponse) => boolean

/** `/healthz`, `/readyz`, `/metrics` for this machine and the operator; with an admin token `/v1` and the page at `/admin/`. */
export function createOwnPaths({ isAlive, readiness, metrics, api }: OwnPathsOptions): OwnPaths {
  const isOperator = ({ headers: { authorization } }: IncomingMessage): boolean => {
    const isSame = api?.adminToken.isSame(bearerOf(authorization)) ?? false
    if (!isSame && authorization !== undefined) api?.adminToken.failed()
    return isSame
  }
  const adminPage = api && serveAdminPage()
  return (request, response) => {
    const { url = '' } = request
    const path = url.split('?', 1)[0]
    if (path === '/healthz') tellHealth(response, isAlive() ? 200 : 503, { status: isAlive() ? 'ok' : 'unavailable' })
    else if (path === '/readyz') tellHealth(response, readiness().code, readiness().body)
    else if (path === '/metrics' && (isOfThisMachine(request) || isOperator(request))) tellMetrics(response, metrics)
    else if (api && isOfApi(url)) answerRequest(request, response, api)
    else if (adminPage && isOfAdminPage(url)) return adminPage(request, response)
    else return false
    return true
  }
}

/** Answers what is not Socket.IO: the server's own paths, the files of a directory, and a sentence for everything else. */
export function createHttpHandler(isOwn: OwnPaths, directory: string | undefined): RequestListener {
  const files = directory === undefined ? undefined : serveFiles(directory)
  return (request, response) => {
    if (isOwn(request, response)) return
    if (files && (request.method === 'GET' || request.method === 'HEAD')) {
      // A file that went after the list of files was made: the answer ends, the server does not.
      response.once('pipe', (file) => file.once('error', () => response.destroy()))
      return files(request, response, () => notFound(response))
    }
    return notFound(response)
  }
}

export function isDirectory(value: unknown): value is string {
  return typeof value === 'string' && statSync(value, { throwIfNoEntry: false })?.isDirectory() === true
}

function serveFiles(directory: string): (request: IncomingMessage, response: ServerResponse, next: () => void) => void {
  return sirv(directory, {
    single: true,
    etag: true,
    setHeaders: (response, path) => {
      response.setHeader('X-Content-Type-Options', 'nosniff')
      // Builders name what they put under assets/ by its content; everything else may be another file tomorrow.
      response.setHeader(
        'Cache-Control',
        path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      )
    },
  })
}

function tellHealth(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  response.end(JSON.stringify(body))
}

/** How a server fares is nobody's business but its operator's. */
function isOfThisMachine({ socket, headers }: IncomingMessage): boolean {
  const isForwarded = headers['forwarded'] !== undefined || headers['x-forwarded-for'] !== undefined
  // A page on this machine can point a name of its own at it.
  return !isForwarded && isLoopbackHost(hostname(headers.host ?? '')) && isLoopbackAddress(socket.remoteAddress ?? '')
}

function tellMetrics(response: ServerResponse, { contentType, text }: OwnPathsOptions['metrics']): void {
  text().then(
    (body) => response.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' }).end(body),
    (error: unknown) => response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`${String(error)}\n`),
  )
}

function notFound(response: ServerResponse): void {
  response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' })
  response.end(
    'This is a Presence server: it speaks Socket.IO at /socket.io/, and there is nothing for you at this path.\n',
  )
}
