import { PresenceError, type PresenceErrorCode } from '@app/protocol'
import { serverFailed } from '../refusals.ts'

/** What is answered: a status, headers beside those that every answer has, and what becomes JSON. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Undefined: there is no body. */
  readonly body?: unknown
}

/** What goes wrong over HTTP and nowhere else. */
type HttpCode = 'not-found' | 'method-not-allowed' | 'unsupported-media-type' | 'no-secret'

// What is not here is not the caller's fault.
const statuses: Readonly<Partial<Record<PresenceErrorCode | HttpCode, number>>> = {
  'bad-key': 400,
  'bad-ttl': 400,
  'bad-data': 400,
  'bad-user': 400,
  'bad-options': 400,
  'bad-message': 400,
  unauthorized: 401,
  'not-found': 404,
  'method-not-allowed': 405,
  'room-full': 409,
  'too-many-rooms': 409,
  'no-secret': 409,
  'too-large': 413,
  'unsupported-media-type': 415,
  draining: 503,
}

/** The codes that have a status of their own; any other is 500. */
export const statusCodes: readonly string[] = Object.keys(statuses)

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** Problem details (RFC 9457). */
export function problem(
  code: PresenceErrorCode | HttpCode,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const status = statuses[code] ?? 500
  return {
    status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
    body: { type: 'about:blank', title: titles[status], status, detail, code },
  }
}

/** The problem that an error is. Of what nobody foresaw, only that it happened is told. */
export function problemOf(error: unknown): Answer {
  const { code, message, retryAfterMs } = error instanceof PresenceError ? error : serverFailed()
  return problem(
    code,
    message,
    retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) },
  )
}
