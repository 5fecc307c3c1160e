import type { IncomingMessage, ServerResponse } from 'node:http'
import { admitRequest, type ApiOptions } from './api.ts'
import { problem, type Answer } from './problem.ts'

/*
 * The interface on node:http: reads bodies and writes answers, and decides nothing.
 */

/** Answers a request whose path is of the interface. */
export function answerRequest(request: IncomingMessage, response: ServerResponse, options: ApiOptions): void {
  const { method = '', url = '', headers } = request
  const { bodyBytes } = options
  const { authorization, 'content-type': contentType } = headers
  const admitted = admitRequest({ method, url, authorization, contentType }, options)
  if (!('answer' in admitted)) return write(response, admitted)
  const body = admitted.takesBody ? bodyOf(request, bodyBytes) : Promise.resolve(undefined)
  if (!body) return write(response, problem('bad-message', 'The body has been read already: call `handle` first.'))
  body.then(
    async (text) => write(response, await admitted.answer(text)),
    // It is gone before all was said.
    () => response.destroy(),
  )
}

/** Undefined when somebody has read it, and left nothing. */
function bodyOf(request: IncomingMessage, bodyBytes: number): Promise<string | null> | undefined {
  if (!request.readableEnded && !request.destroyed) return read(request, bodyBytes)
  const { body } = request as { body?: unknown }
  if (typeof body !== 'object' || body === null) return undefined
  const text = Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body)
  return Promise.resolve(Buffer.byteLength(text) > bodyBytes ? null : text)
}

/** The whole body; null when it is too large. Then it goes on to come, to nobody: a cut connection would lose the answer. */
function read(request: IncomingMessage, bodyBytes: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= bodyBytes) return void chunks.push(chunk)
      chunks = []
      resolve(null)
    })
    request.once('end', () => resolve(Buffer.concat(chunks).toString()))
    for (const event of ['error', 'close']) request.once(event, reject)
  })
}

function write(response: ServerResponse, { status, headers, body }: Answer): void {
  const text = body === undefined ? undefined : `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    ...(text !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  response.end(text)
}
