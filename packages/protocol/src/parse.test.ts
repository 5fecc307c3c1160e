import { expect, test } from 'vitest'
import type { Message } from './channel.ts'
import { PresenceError } from './errors.ts'
import { parseClientMessage, parseHandshake, parseServerMessage, parseTtl, parseWireError } from './parse.ts'

const code = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return (error as { code?: string }).code
  }
  return 'no error'
}
const secret = '0123456789abcdef0123456789abcdef'

test('a handshake has a version, an id and a secret', () => {
  expect(parseHandshake({ v: 1, clientId: 7, secret, more: 1 })).toEqual({ v: 1, clientId: 7, secret })
  expect(parseHandshake({ v: 1, clientId: 7, secret, token: 't', user: { id: 'ada' } })).toEqual({
    v: 1,
    clientId: 7,
    secret,
    token: 't',
    user: { id: 'ada' },
  })
  expect(code(() => parseHandshake({ v: 2, clientId: 7, secret }))).toBe('unsupported-version')
  for (const auth of [
    undefined,
    null,
    [],
    'x',
    { v: 1 },
    { v: 1, clientId: 0, secret },
    { v: 1, clientId: 2 ** 53, secret },
    { v: 1, clientId: 1.5, secret },
    { v: 1, clientId: 7, secret: secret.toUpperCase() },
    { v: 1, clientId: 7, secret, token: 5 },
  ]) {
    expect(
      code(() => parseHandshake(auth)),
      JSON.stringify(auth),
    ).toMatch(/bad-message|unsupported-version/)
  }
  expect(code(() => parseHandshake({ v: 1, clientId: 7, secret, user: { name: 'Ada' } }))).toBe('bad-user')
  expect(code(() => parseHandshake({ v: 1, clientId: 7, secret, user: { id: 'a', bio: 'x'.repeat(1_024) } }))).toBe(
    'bad-user',
  )
})

test('[A2] a malformed message from a client is bad-message', () => {
  const messages: unknown[][] = [
    ['enter'],
    ['enter', 5],
    ['exit', null],
    ['count'],
    ['count', 5],
    ['uncount', {}],
    ['p'],
    ['p', []],
    ['p', {}],
    ['p', [[]]],
    ['p', [['pr:a', 1, 1_000, 1]]],
    ['p', [['pr:a', 0, 1_000, 1, 1]]],
    ['p', [['pr:a', 1, 0, 1, 1]]],
    ['p', [['pr:a', 1, 1.5, 1, 1]]],
    ['p', [['pr:a', 1, 86_400_001, 1, 1]]],
    ['p', [['pr:a', 1, 1_000, true, 1]]],
    ['p', [[{}, 1, 1_000, 1, 1]]],
    ['l'],
    ['l', 'pr:a'],
    ['l', 'pr:a', '1'],
    ['auth', 1],
    ['auth', 1, { token: 1 }],
    ['t'],
    ['__proto__'],
    ['toString', 1],
  ]
  for (const message of messages)
    expect(
      code(() => parseClientMessage(message as unknown as Message)),
      JSON.stringify(message),
    ).toBe('bad-message')
  expect(parseClientMessage(['count', 'pr:a', 1])).toEqual(['count', 'pr:a'])
  expect(parseClientMessage(['p', [[4, 1, 1, 0, null]]])).toEqual(['p', [[4, 1, 1, 0, null]]])
})

test('a message from a server is checked for its shape', () => {
  for (const message of [
    ['nonsense'],
    ['__proto__'],
    ['hello'],
    ['s', 'pr:a', 1],
    ['c', 'pr:a', 1],
    ['c', 1, 1, 1],
    ['c', 'pr:a', '1', 1],
    ['d', 1, 0, 1, [5]],
    ['d', 1, 0, 1, [], 7],
    ['d', 1, 0, 1, [[['x', 'y'], 1, 1, 5]]],
  ] as unknown as Message[]) {
    expect(
      code(() => parseServerMessage(message)),
      JSON.stringify(message),
    ).toBe('bad-message')
  }
  expect(parseServerMessage(['d', 1, 0, 1, []])).toEqual(['d', 1, 0, 1, []])
  expect(parseServerMessage(['c', 'pr:a', 2, 3])).toEqual(['c', 'pr:a', 2, 3])
  parseServerMessage([
    'd',
    1,
    0,
    1,
    [
      [5, 1, 'x'],
      [['x'], 1, 1, 5],
    ],
  ])
})

test('[L1] a ttlMs is a finite number from 1 000 to 86 400 000, rounded down', () => {
  expect(parseTtl(1_000)).toBe(1_000)
  expect(parseTtl(1_500.9)).toBe(1_500)
  for (const ttlMs of [0, -1, 999, 999.9, 86_400_001, Number.NaN, Number.POSITIVE_INFINITY, '5', null, undefined]) {
    expect(
      code(() => parseTtl(ttlMs)),
      String(ttlMs),
    ).toBe('bad-ttl')
  }
})

test('[A2] an error keeps code, sentence, canRetry, retryAfterMs and room on the wire', () => {
  const error = new PresenceError('not-allowed', 'No.', {
    canRetry: true,
    retryAfterMs: 5,
    room: 'pr:a',
    cause: new Error('x'),
  })
  const back = parseWireError(JSON.parse(JSON.stringify(error)))
  expect(back).toBeInstanceOf(PresenceError)
  expect(back.toJSON()).toEqual({ code: 'not-allowed', message: 'No.', canRetry: true, retryAfterMs: 5, room: 'pr:a' })
  expect(parseWireError({ code: 'made-up' }).code).toBe('internal')
  expect(parseWireError(null).code).toBe('internal')
})
