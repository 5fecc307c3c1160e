import { statSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import sirv from 'sirv'
import { hostname, isLoopbackAddress, isLoopbackHost } from './admission.ts'
import type { Metrics } from './metrics.ts'

export interface HttpOptions {
  /** A directory whose files are served; a path without a file gets its `index.html`. */
  readonly static: string | undefined
  readonly isReady: () => boolean
  readonly metrics: Pick<Metrics, 'contentType' | 'text'>
}

/** Answers what is not Socket.IO: `/healthz`, `/metrics` for this machine, the files of `static`, and a sentence for everything else. */
export function createHttpHandler({ static: directory, isReady, metrics }: HttpOptions): RequestListener {
  const files = directory === undefined ? undefined : serveFiles(directory)
  return (request, response) => {
    const path = request.url?.split('?', 1)[0]
    if (path === '/healthz') return health(response, isReady())
    if (path === '/metrics' && isOfThisMachine(request)) return tellMetrics(response, metrics)
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

function health(response: ServerResponse, isReady: boolean): void {
  response.writeHead(isReady ? 200 : 503, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  response.end(JSON.stringify({ status: isReady ? 'ok' : 'unavailable' }))
}

/** How a server fares is nobody's business but its operator's. */
function isOfThisMachine({ socket, headers }: IncomingMessage): boolean {
  const isForwarded = headers['forwarded'] !== undefined || headers['x-forwarded-for'] !== undefined
  // A page on this machine can point a name of its own at it.
  return !isForwarded && isLoopbackHost(hostname(headers.host ?? '')) && isLoopbackAddress(socket.remoteAddress ?? '')
}

function tellMetrics(response: ServerResponse, { contentType, text }: HttpOptions['metrics']): void {
  text().then(
    (body) => response.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' }).end(body),
    (error: unknown) => response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`${String(error)}\n`),
  )
}

function notFound(response: ServerResponse): void {
  response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' })
  response.end('This is a Presence server: it speaks Socket.IO at /socket.io/ and serves nothing else here.\n')
}
